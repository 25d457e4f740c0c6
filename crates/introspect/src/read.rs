//! Runs every kind's query in one snapshot and puts the answers together.

use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Read},
    thread::Scope,
};

use ordain_model::{CastContext, Catalog, Kind, Object, ObjectId, Size, mentions};
use postgres::{Client, IsolationLevel, Row, Transaction, fallible_iterator::FallibleIterator};

use crate::{
    address::{Addresses, Depend, Index},
    beside::{Another, Beside, Question},
    edges::edges,
    error::ReadError,
    row::{PgRow, address},
    template::{Reader, fill},
    unmodelled::{self, Unknown},
};

#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Roles that count as "the applying role": what they own has no owner of its own, and their entries in
    /// privileges are symbolic. Empty means the role of the connection.
    pub applier: Vec<String>,
    /// Whether to read the sizes of tables.
    pub sizes: bool,
}

/// How values are spelled must not hang on the settings of a role or a database. The same that pg_dump pins. A
/// parallel worker would fill caches of its own with the whole schema, which costs more than it saves.
pub(crate) const SETTINGS: &str = "\
set local search_path = '';
set local datestyle = iso;
set local intervalstyle = postgres;
set local timezone = 'UTC';
set local extra_float_digits = 3;
set local bytea_output = hex;
set local xmlbinary = base64;
set local quote_all_identifiers = off;
set local standard_conforming_strings = on;
set local statement_timeout = 0;
set local work_mem = '32MB';
set local jit = off;
set local max_parallel_workers_per_gather = 0";

/// Reads the whole database as one snapshot, in a transaction of its own.
pub fn read(client: &mut Client, options: &ReadOptions) -> Result<Catalog, ReadError> {
    read_with(client, None, options)
}

/// As [`read`], with a second connection where the database is large and one can be had.
pub fn read_with(
    client: &mut Client,
    another: Option<Another>,
    options: &ReadOptions,
) -> Result<Catalog, ReadError> {
    let begin = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let mut tx = begin.read_only(true).start().map_err(ReadError::query("the snapshot"))?;
    let catalog = run(&mut tx, another, options)?;
    tx.rollback().map_err(ReadError::query("the snapshot"))?;
    Ok(catalog)
}

/// Reads what the transaction sees, its own uncommitted changes included. Leaves its settings as they were.
pub fn read_within(tx: &mut Transaction, options: &ReadOptions) -> Result<Catalog, ReadError> {
    let mut inner = tx.transaction().map_err(ReadError::query("the snapshot"))?;
    let catalog = run(&mut inner, None, options)?;
    inner.rollback().map_err(ReadError::query("the snapshot"))?;
    Ok(catalog)
}

fn run(
    tx: &mut Transaction,
    another: Option<Another>,
    options: &ReadOptions,
) -> Result<Catalog, ReadError> {
    std::thread::scope(|scope| run_in(scope, tx, another, options))
}

fn run_in<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    tx: &mut Transaction,
    another: Option<Another<'env>>,
    options: &ReadOptions,
) -> Result<Catalog, ReadError> {
    tx.batch_execute(SETTINGS).map_err(ReadError::query("the session's settings"))?;
    let (reader, role) = server(tx)?;
    let server_version = reader.server_version;
    let own = [role];
    let applier = if options.applier.is_empty() { &own[..] } else { &options.applier[..] };

    let query = |question| match question {
        Question::Kind(kind) => fill(kind.query().0, &reader, applier),
        Question::Everything => unmodelled::QUERY.to_owned(),
        Question::Sizes => include_str!("sizes.sql").to_owned(),
    };
    let kinds = present(tx)?;
    let mut questions: Vec<Question> = kinds.iter().copied().map(Question::Kind).collect();
    questions.push(Question::Everything);
    questions.extend(options.sizes.then_some(Question::Sizes));
    let mut beside = match another {
        Some(another) => {
            let share = questions.into_iter().filter(|question| question.is_shared());
            Beside::start(scope, tx, another, share.map(|of| (of, query(of))).collect())?
        }
        None => Beside::nobody(),
    };
    let mut ask =
        |tx: &mut Transaction, question: Question, take: Take| match beside.rows(question)? {
            Some(rows) => rows.iter().try_for_each(take),
            None => {
                let failed = || question.unanswered();
                let rows = tx.query_typed_raw(&query(question), NO_PARAMETERS);
                let mut rows = rows.map_err(failed())?;
                while let Some(row) = rows.next().map_err(failed())? {
                    take(&row)?;
                }
                Ok(())
            }
        };

    let mut addresses = Addresses::new(classes(tx)?);
    let depends = depends(tx)?;
    addresses.learn(&depends);

    let mut objects = Vec::new();
    for kind in kinds {
        let mut taker = Taker::new(kind, &mut addresses, &mut objects);
        ask(tx, Question::Kind(kind), &mut |row| taker.take(row))?;
    }

    let order = addresses.order();
    let edges = edges(&addresses, &objects, &depends, &order);
    let mut unknown = Unknown::new(&addresses, &depends);
    ask(tx, Question::Everything, &mut |row| unknown.take(row))?;
    let mut sizes = BTreeMap::new();
    if options.sizes {
        ask(tx, Question::Sizes, &mut |row| {
            sizes.extend(size(row, &addresses));
            Ok(())
        })?;
    }
    let mut catalog = Catalog {
        server_version,
        edges,
        unmodelled: unknown.names(tx)?,
        casts: casts(tx)?,
        sizes,
        hints: Vec::new(),
        objects: named(&addresses.ids, objects, &order)?,
    };
    let mentioned = mentions::soft_edges(&catalog);
    catalog.edges.extend(mentioned);
    Ok(catalog)
}

/// The kinds that the database may have objects of, in one question: planning a query costs more than most kinds
/// have rows.
fn present(tx: &mut Transaction) -> Result<Vec<Kind>, ReadError> {
    let mut questions: Vec<&str> = Kind::ALL.iter().filter_map(|kind| kind.any()).collect();
    questions.sort_unstable();
    questions.dedup();
    let columns: Vec<String> =
        questions.iter().map(|any| format!("exists (select from pg_catalog.{any})")).collect();
    let query = format!("select array[{}]", columns.join(", "));
    let row = tx.query_typed_one(&query, &[]).map_err(ReadError::query("the kinds of objects"))?;
    let answers: Vec<bool> = row.get(0);
    let is_there = |kind: &Kind| match kind.any() {
        Some(any) => questions.binary_search(&any).is_ok_and(|at| answers[at]),
        None => true,
    };
    Ok(Kind::ALL.iter().copied().filter(is_there).collect())
}

fn named(
    ids: &[ObjectId],
    objects: Vec<Object>,
    order: &[Index],
) -> Result<BTreeMap<ObjectId, Object>, ReadError> {
    let id = |i: &Index| &ids[*i as usize];
    if let Some(twin) = order.windows(2).find(|pair| id(&pair[0]) == id(&pair[1])) {
        return Err(ReadError::Duplicate(id(&twin[0]).clone()));
    }
    let mut objects: Vec<Option<Object>> = objects.into_iter().map(Some).collect();
    let object = |i: &Index| Some((id(i).clone(), objects[*i as usize].take()?));
    Ok(order.iter().filter_map(object).collect())
}

/// `server_version_num` and the role that creates objects.
fn server(tx: &mut Transaction) -> Result<(Reader, String), ReadError> {
    let query = "select current_setting('server_version_num')::int4, current_user::text,
                 current_setting('is_superuser') = 'on'";
    let row = tx.query_typed_one(query, &[]).map_err(ReadError::query("the server's version"))?;
    let version = row.get::<_, i32>(0) as u32;
    if version < 140_000 {
        return Err(ReadError::TooOld(version));
    }
    Ok((Reader { server_version: version, superuser: row.get(2) }, row.get(1)))
}

fn classes(tx: &mut Transaction) -> Result<HashMap<String, u32>, ReadError> {
    let query = "select relname::text, oid from pg_catalog.pg_class
                 where relnamespace = 'pg_catalog'::pg_catalog.regnamespace and relkind = 'r'";
    let rows = tx.query_typed(query, &[]).map_err(ReadError::query("the system catalogs"))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// All of `pg_depend` that is not about what initdb made. `public` and `plpgsql` count as the user's; the triggers
/// inside foreign keys are nobody's.
///
/// As COPY gives it, in binary: hundreds of thousands of rows cost a fifth of what a query's would.
fn depends(tx: &mut Transaction) -> Result<Vec<Depend>, ReadError> {
    let query = "copy (
        select classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype
        from pg_catalog.pg_depend
        where objid >= 12000 and (refobjid >= 12000 or refobjid = 2200)
          and not (classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass and deptype = 'i')
        ) to stdout (format binary)";
    let mut copy = tx.copy_out(query).map_err(ReadError::query("dependencies"))?;
    rows(&mut copy).map_err(ReadError::Dependencies)
}

/// The layout is fixed by the query: a header, then for every row the number of fields (2 bytes) and the fields,
/// each with its length (4 bytes); -1 fields are the end. Manual: COPY, Binary Format.
fn rows(copy: &mut impl Read) -> io::Result<Vec<Depend>> {
    const HEADER: usize = 19;
    const ROW: usize = 7 * 4 + 6 * 4 + 1;
    let mut depends = Vec::new();
    let mut fields = [0; 2];
    let mut row = [0; ROW];
    copy.read_exact(&mut [0; HEADER])?;
    loop {
        copy.read_exact(&mut fields)?;
        if i16::from_be_bytes(fields) < 0 {
            return Ok(depends);
        }
        copy.read_exact(&mut row)?;
        let field = |i: usize| {
            let at = i * 8 + 4;
            u32::from_be_bytes([row[at], row[at + 1], row[at + 2], row[at + 3]])
        };
        depends.push(Depend {
            user: (field(0), field(1), field(2) as i32),
            used: (field(3), field(4), field(5) as i32),
            kind: row[ROW - 1],
        });
    }
}

const NO_PARAMETERS: [(&(dyn postgres::types::ToSql + Sync), postgres::types::Type); 0] = [];

type Take<'a> = &'a mut dyn FnMut(&Row) -> Result<(), ReadError>;

/// Adds the objects of one kind. Rows of extension members and of satellites without a modelled parent are left out.
struct Taker<'a> {
    kind: Kind,
    class: u32,
    /// The constructors of a range type come and go with it.
    parts_count: bool,
    addresses: &'a mut Addresses,
    objects: &'a mut Vec<Object>,
}

impl<'a> Taker<'a> {
    fn new(kind: Kind, addresses: &'a mut Addresses, objects: &'a mut Vec<Object>) -> Self {
        let (_, class) = kind.query();
        let parts_count = class != "pg_proc";
        let class = addresses.classes.get(class).copied().unwrap_or_default();
        Self { kind, class, parts_count, addresses, objects }
    }

    fn take(&mut self, row: &Row) -> Result<(), ReadError> {
        let kind = self.kind;
        let address = address(row, self.class).map_err(|source| ReadError::Row { kind, source })?;
        if self.addresses.is_extension_member(address)
            || !self.parts_count && self.addresses.is_part(address)
        {
            return Ok(());
        }
        let (id, object) = match kind.read(&mut PgRow::new(row, self.addresses)) {
            Ok(read) => read,
            Err(ordain_model::ReadError::Unknown { .. }) => return Ok(()),
            Err(source) => return Err(ReadError::Row { kind, source }),
        };
        if !id.schema().is_some_and(is_transient) {
            self.addresses.add(address, id);
            self.objects.push(object);
        }
        Ok(())
    }
}

/// Temporary objects end with their session and are nobody's schema.
fn is_transient(schema: &str) -> bool {
    schema.starts_with("pg_temp_") || schema.starts_with("pg_toast")
}

fn casts(tx: &mut Transaction) -> Result<BTreeMap<(String, String), CastContext>, ReadError> {
    let query = "select pg_catalog.format_type(castsource, null), pg_catalog.format_type(casttarget, null), castcontext
                 from pg_catalog.pg_cast";
    let rows = tx.query_typed(query, &[]).map_err(ReadError::query("casts"))?;
    let context = |code: i8| match code as u8 {
        b'i' => CastContext::Implicit,
        b'a' => CastContext::Assignment,
        _ => CastContext::Explicit,
    };
    Ok(rows.iter().map(|row| ((row.get(0), row.get(1)), context(row.get(2)))).collect())
}

fn size(row: &Row, addresses: &Addresses) -> Option<(ObjectId, Size)> {
    let id = addresses.exact((addresses.relations, row.get(0), 0))?;
    let bytes: Option<i64> = row.get(2);
    Some((id.clone(), Size { rows: row.get(1), bytes: bytes.unwrap_or_default() }))
}
