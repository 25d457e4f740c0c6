//! The table in which Alembic keeps the revision that a database is at: a tool's own, not a part of the schema.

use ordain_model::{Catalog, Kind, Object, ObjectId};

/// Globs for the tables of versions that one side has and the other does not know: they are no difference. With
/// `models` on one side none ever is; else only what the desired state merely lacks is left alone.
pub fn left_alone(current: &Catalog, desired: &Catalog, models: bool) -> Vec<String> {
    let of = |catalog: &Catalog| tables(catalog);
    let mut left: Vec<ObjectId> =
        of(current).into_iter().filter(|id| models || !desired.contains(id)).collect();
    if models {
        left.extend(of(desired));
    }
    left.sort();
    left.dedup();
    left.iter().map(glob).collect()
}

/// Whatever its name is, it has this one column and this key.
fn tables(catalog: &Catalog) -> Vec<ObjectId> {
    let is_one = |id: &ObjectId| {
        let mut columns = catalog.members(Kind::Column, id);
        let only = match (columns.next(), columns.next()) {
            (Some((column, Object::Column(definition))), None) => {
                column.base() == "version_num"
                    && definition.type_name.starts_with("character varying")
            }
            _ => false,
        };
        let key = ObjectId::member(Kind::Constraint, id, &format!("{}_pkc", id.base()));
        only && catalog.contains(&key)
    };
    let tables = catalog.objects.keys().filter(|id| id.kind() == Kind::Table);
    tables.filter(|id| is_one(id)).cloned().collect()
}

/// A pattern that matches this name alone.
fn glob(id: &ObjectId) -> String {
    let name = format!("{}.{}", id.schema().unwrap_or_default(), id.base());
    let special = |c: char| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '!' | '\\');
    name.chars().map(|c| if special(c) { format!("[{c}]") } else { c.to_string() }).collect()
}
