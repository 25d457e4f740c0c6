//! Likely renames: named with the flag that confirms them, never done by themselves.

use ordain_model::{Change, Context, Object, ObjectId, Side};

/// One notice for each object that goes while an equal one comes at the same place.
pub fn renames(changes: &[Change], cx: &Context) -> Vec<String> {
    let gone: Vec<(&ObjectId, &Object)> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Drop { id, from } => Some((id, from)),
            _ => None,
        })
        .collect();
    let mut notices = Vec::new();
    for change in changes {
        let Change::Create { id, to } = change else { continue };
        let mut alike = gone.iter().filter(|(old, object)| {
            old.kind() == id.kind()
                && old.base() != id.base()
                && !object.rename(old, id).is_empty()
                && place(old, id)
                && object.alike(to)
                && shape(cx, Side::From, old) == shape(cx, Side::To, id)
        });
        if let (Some((old, _)), None) = (alike.next(), alike.next()) {
            notices.push(format!(
                "{id} is like {old}, which goes: if it was renamed, say --rename '{}:{}={}'",
                id.kind().word(),
                old.path(),
                id.base_sql()
            ));
        }
    }
    notices
}

/// Same parent, or same schema.
fn place(a: &ObjectId, b: &ObjectId) -> bool {
    a.parent() == b.parent() && a.schema() == b.schema()
}

/// The members with their definitions, so that two tables are alike only when their columns are.
fn shape(cx: &Context, side: Side, id: &ObjectId) -> Vec<(String, Object)> {
    let catalog = cx.catalog(side);
    let mut members: Vec<(String, Object)> = cx
        .users(side, id)
        .iter()
        .filter(|edge| edge.user.parent() == Some(id) && edge.user.schema() == id.schema())
        .filter_map(|edge| Some((&edge.user, catalog.get(&edge.user)?)))
        .filter(|(member, object)| object.slots(member).is_empty())
        .map(|(member, object)| {
            let mut object = object.clone();
            object.canonical();
            (member.base().to_owned(), object)
        })
        .collect();
    members.sort_by(|a, b| (&a.0, a.1.kind()).cmp(&(&b.0, b.1.kind())));
    members
}
