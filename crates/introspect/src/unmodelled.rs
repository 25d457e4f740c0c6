//! The completeness probe: what user code made and no kind reads is named, never silently skipped.

use std::collections::{BTreeSet, HashSet};

use postgres::{Transaction, fallible_iterator::FallibleIterator, types::Type};

use crate::{
    address::{Addresses, Depend},
    error::ReadError,
    read::NO_PARAMETERS,
};

/// Names as `pg_identify_object` gives them: "operator public.===(integer,integer)".
pub(crate) fn unmodelled(
    tx: &mut Transaction,
    addresses: &Addresses,
    depends: &[Depend],
) -> Result<BTreeSet<String>, ReadError> {
    let failed = || ReadError::query("what no kind models");
    let mut objects = Objects::default();
    let query = include_str!("unmodelled.sql");
    let extensions_parts = auto_parts_of_extensions(addresses, depends);
    let mut rows = tx.query_typed_raw(query, NO_PARAMETERS).map_err(failed())?;
    while let Some(row) = rows.next().map_err(failed())? {
        let address = (row.get(0), row.get(1), 0);
        let is_known = addresses.resolve(address).is_some()
            || addresses.is_extension_member(address)
            || addresses.is_part(address)
            || extensions_parts.contains(&(address.0, address.1));
        if !is_known {
            objects.push(address.0, address.1);
        }
    }
    drop(rows);
    let mut names = objects.names(tx)?;
    names.extend(labels(tx)?);
    names.extend(ties(tx, addresses, depends)?);
    Ok(names)
}

/// Indexes, rules and the like on tables of extensions: the extension's script made them.
fn auto_parts_of_extensions(addresses: &Addresses, depends: &[Depend]) -> HashSet<(u32, u32)> {
    let parts = depends.iter().filter(|d| d.kind == b'a' && addresses.is_extension_member(d.used));
    parts.map(|d| (d.user.0, d.user.1)).collect()
}

/// Security labels. Manual: SECURITY LABEL.
fn labels(tx: &mut Transaction) -> Result<Vec<String>, ReadError> {
    let query = "select provider, i.type, i.identity from pg_catalog.pg_seclabel l,
                 lateral pg_catalog.pg_identify_object(l.classoid, l.objoid, l.objsubid) i";
    let rows = tx.query_typed(query, &[]).map_err(ReadError::query("security labels"))?;
    let name = |row: &postgres::Row| {
        let part = |i: usize| row.get::<_, Option<String>>(i).unwrap_or_default();
        format!("security label of {} on {} {}", part(0), part(1), part(2))
    };
    Ok(rows.iter().map(name).collect())
}

/// `ALTER … DEPENDS ON EXTENSION`.
fn ties(
    tx: &mut Transaction,
    addresses: &Addresses,
    depends: &[Depend],
) -> Result<Vec<String>, ReadError> {
    let mut objects = Objects::default();
    for depend in depends.iter().filter(|d| d.kind == b'x') {
        if !addresses.is_extension_member(depend.user) {
            objects.push(depend.user.0, depend.user.1);
        }
    }
    let names = objects.names(tx)?;
    Ok(names.into_iter().map(|name| format!("DEPENDS ON EXTENSION of {name}")).collect())
}

/// Addresses whose names are asked for all at once.
#[derive(Default)]
struct Objects {
    classes: Vec<u32>,
    objects: Vec<u32>,
}

impl Objects {
    fn push(&mut self, class: u32, object: u32) {
        self.classes.push(class);
        self.objects.push(object);
    }

    fn names(self, tx: &mut Transaction) -> Result<BTreeSet<String>, ReadError> {
        if self.objects.is_empty() {
            return Ok(BTreeSet::new());
        }
        let query = "select i.type, i.identity, i.schema from unnest($1::oid[], $2::oid[]) u(class, object),
                     lateral pg_catalog.pg_identify_object(u.class, u.object, 0) i";
        let rows = tx
            .query_typed(
                query,
                &[(&self.classes, Type::OID_ARRAY), (&self.objects, Type::OID_ARRAY)],
            )
            .map_err(ReadError::query("the names of what no kind models"))?;
        let mut names = BTreeSet::new();
        for row in rows {
            let part = |i: usize| row.get::<_, Option<String>>(i);
            let transient = part(2).is_some_and(|schema| schema.starts_with("pg_temp"));
            if let (Some(kind), Some(identity), false) = (part(0), part(1), transient) {
                names.insert(format!("{kind} {identity}"));
            }
        }
        Ok(names)
    }
}
