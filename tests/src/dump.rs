//! `pg_dump` as the referee: it knows nothing of ordain, and what it does not write does not exist.

use crate::{
    Database, sqltext,
    tools::{run, text},
};

/// What a dump does not show and a migration can get wrong.
const UNSEEN: &str = "
    SELECT format('INVALID INDEX %s', indexrelid::regclass) FROM pg_catalog.pg_index WHERE NOT indisvalid AND indexrelid >= 16384
    UNION ALL
    SELECT format('TEMPORARY OBJECT %s', c.oid::regclass) FROM pg_catalog.pg_class c WHERE c.relname ~* 'ordain'
    UNION ALL
    SELECT format('TEMPORARY TYPE %s', t.oid::regtype) FROM pg_catalog.pg_type t WHERE t.typname ~* '^ordain'
    UNION ALL
    SELECT format('ADVISORY LOCK %s', l.objid) FROM pg_catalog.pg_locks l
      WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    ORDER BY 1";

/// The schema as a sorted list of statements, see [`sqltext::normalise`].
pub fn schema(of: &Database) -> Vec<String> {
    let mut dump = of.client_program("pg_dump");
    let out = run(dump.arg("--schema-only"));
    assert!(out.status.success(), "pg_dump: {}", text(&out.stderr));
    let mut statements = sqltext::normalise(&text(&out.stdout));
    for message in of.connect().simple_query(UNSEEN).unwrap_or_else(|e| panic!("{e:?}")) {
        if let postgres::SimpleQueryMessage::Row(row) = message {
            statements.push(row.get(0).unwrap_or_default().to_owned());
        }
    }
    statements
}
