//! The completeness probe: what user code made and no kind reads is named, never silently skipped.

use std::collections::{BTreeSet, HashSet};

use postgres::{Row, Transaction, types::Type};

use crate::{
    address::{Addresses, Depend},
    error::ReadError,
};

/// `classid, objids` of everything that user code made.
pub(crate) const QUERY: &str = include_str!("unmodelled.sql");

/// What is left when everything that is known has been told apart.
pub(crate) struct Unknown<'a> {
    addresses: &'a Addresses,
    depends: &'a [Depend],
    extensions_parts: HashSet<(u32, u32)>,
    objects: Objects,
}

impl<'a> Unknown<'a> {
    pub fn new(addresses: &'a Addresses, depends: &'a [Depend]) -> Self {
        let extensions_parts = auto_parts_of_extensions(addresses, depends);
        Self { addresses, depends, extensions_parts, objects: Objects::default() }
    }

    /// A row of [`QUERY`].
    pub fn take(&mut self, row: &Row) -> Result<(), ReadError> {
        let objects: Vec<u32> = row.get(1);
        let class = row.get(0);
        for object in objects {
            let address = (class, object, 0);
            let is_known = self.addresses.resolve(address).is_some()
                || self.addresses.is_extension_member(address)
                || self.addresses.is_part(address)
                || self.extensions_parts.contains(&(class, object));
            if !is_known {
                self.objects.push(class, object);
            }
        }
        Ok(())
    }

    /// Names as `pg_identify_object` gives them: "operator public.===(integer,integer)".
    pub fn names(self, tx: &mut Transaction) -> Result<BTreeSet<String>, ReadError> {
        let mut names = self.objects.names(tx)?;
        names.extend(labels(tx)?);
        names.extend(ties(tx, self.addresses, self.depends)?);
        Ok(names)
    }
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
