//! A second connection that sees the same snapshot and answers some questions ahead, so that a large database is read by two
//! processes of the server. Manual: 9.27.5 Snapshot Synchronization Functions.

use std::{
    sync::mpsc::{Receiver, sync_channel},
    thread::Scope,
};

use ordain_model::Kind;
use postgres::{Client, IsolationLevel, Row, Transaction};

use crate::{connect::ConnectError, error::ReadError, read};

/// Opens one more connection to the same database.
pub type Another<'a> = &'a (dyn Fn() -> Result<Client, ConnectError> + Sync);

/// What the server is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Question {
    Kind(Kind),
    /// What user code made, whether a kind reads it or not.
    Everything,
    Sizes,
}

impl Question {
    /// Whether it is for the second connection, where there is one.
    pub fn is_shared(self) -> bool {
        SHARE.contains(&self)
    }

    pub fn unanswered(self) -> impl FnOnce(postgres::Error) -> ReadError {
        ReadError::query(match self {
            Self::Kind(kind) => format!("all objects of the kind {kind}"),
            Self::Everything => "what no kind models".to_owned(),
            Self::Sizes => "sizes".to_owned(),
        })
    }
}

/// About half of the work of a database of tables.
const SHARE: [Question; 8] = [
    Question::Kind(Kind::Default),
    Question::Kind(Kind::Constraint),
    Question::Kind(Kind::Index),
    Question::Kind(Kind::View),
    Question::Kind(Kind::Owner),
    Question::Kind(Kind::Privileges),
    Question::Everything,
    Question::Sizes,
];

/// Fewer relations are read before another connection is open.
const MANY: i64 = 1500;

type Rows = Result<Vec<Row>, ReadError>;

/// Rows on their way, in the order of the questions. Nothing comes where there is no second connection.
pub(crate) struct Beside {
    rows: Option<Receiver<Rows>>,
}

impl Beside {
    pub fn nobody() -> Self {
        Self { rows: None }
    }

    /// Starts asking these questions with their queries.
    pub fn start<'scope, 'env: 'scope>(
        scope: &'scope Scope<'scope, 'env>,
        tx: &mut Transaction,
        another: Another<'env>,
        questions: Vec<(Question, String)>,
    ) -> Result<Self, ReadError> {
        let failed = || ReadError::query("the snapshot");
        let query = "select count(*) from pg_catalog.pg_class where oid >= 16384";
        let relations: i64 = tx.query_typed_one(query, &[]).map_err(failed())?.get(0);
        if relations < MANY {
            return Ok(Self::nobody());
        }
        let export = "select pg_catalog.pg_export_snapshot()";
        let snapshot: String = tx.query_typed_one(export, &[]).map_err(failed())?.get(0);
        let (send, receive) = sync_channel(SHARE.len());
        scope.spawn(move || {
            let Ok(mut client) = another() else { return };
            let begin = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
            let Ok(mut tx) = begin.read_only(true).start() else { return };
            let snapshot = ordain_model::quote::literal(&snapshot);
            let settings = format!("set transaction snapshot {snapshot};\n{}", read::SETTINGS);
            if tx.batch_execute(&settings).is_err() {
                return;
            }
            for (question, query) in questions {
                let rows = tx.query_typed(&query, &[]).map_err(question.unanswered());
                if send.send(rows).is_err() {
                    return;
                }
            }
        });
        Ok(Self { rows: Some(receive) })
    }

    /// All rows; `None` where this connection has to ask for them.
    pub fn rows(&mut self, question: Question) -> Result<Option<Vec<Row>>, ReadError> {
        let Some(receive) = self.rows.as_ref().filter(|_| question.is_shared()) else {
            return Ok(None);
        };
        match receive.recv() {
            Ok(rows) => rows.map(Some),
            Err(_) => {
                self.rows = None;
                Ok(None)
            }
        }
    }
}
