//! The labels of an enum are the values of a Python class on one side and its names on the other. Taken at its word
//! that is a plan that throws every label away, and nobody means it.

use std::collections::BTreeSet;

use ordain_load::ModelEnum;
use ordain_model::{Catalog, Hint, Kind, Object, ObjectId, Refusal};

/// Enums that fell into it, and both ways out. `decided` are hints: who renames or maps labels of a type knows.
pub fn names_and_values(
    models: &[ModelEnum],
    current: &Catalog,
    default_schema: &str,
    decided: &[Hint],
) -> Vec<Refusal> {
    models.iter().filter_map(|model| trap(model, current, default_schema, decided)).collect()
}

fn trap(
    model: &ModelEnum,
    current: &Catalog,
    default_schema: &str,
    decided: &[Hint],
) -> Option<Refusal> {
    let schema = model.schema.as_deref().unwrap_or(default_schema);
    let id = ObjectId::qualified(Kind::Enum, schema, &model.name);
    let Some(Object::Enum(live)) = current.get(&id) else { return None };
    if !model.created || is_decided(&id, decided) {
        return None;
    }
    let now: BTreeSet<&str> = live.labels.iter().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = model.labels.iter().map(String::as_str).collect();
    let pairs: Vec<(&str, &str)> =
        model.members.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let unlike = pairs.iter().filter(|(name, value)| name != value);
    let (mut as_values, mut as_names) = (0, 0);
    for (name, value) in unlike {
        as_values +=
            usize::from(!now.contains(name) && now.contains(value) && wanted.contains(name));
        as_names +=
            usize::from(now.contains(name) && !now.contains(value) && wanted.contains(value));
    }
    let (has, sends, renames): (_, _, Vec<(&str, &str)>) = match (as_values, as_names) {
        (1.., 0) => {
            ("values", "names", pairs.iter().map(|(name, value)| (*value, *name)).collect())
        }
        (0, 1..) => ("names", "values", pairs),
        _ => return None,
    };
    let flags: Vec<String> = renames
        .into_iter()
        .filter(|(old, new)| old != new && now.contains(old) && !now.contains(new))
        .map(|(old, new)| rename(&id, old, new))
        .collect();
    let keep = match has {
        "values" => format!(
            "in {} say Enum(…, values_callable=lambda members: [m.value for m in members])",
            model.r#where
        ),
        _ => format!("in {} leave out values_callable", model.r#where),
    };
    Some(Refusal {
        object: id,
        reason: format!(
            "the labels in the database are the {has} of the Python enum ({}), and the model sends its {sends} ({})",
            live.labels.join(", "),
            model.labels.join(", ")
        ),
        advice: format!(
            "either keep the labels: {keep}\nor rename them, rows follow by themselves: {}",
            flags.join(" ")
        ),
    })
}

/// Whether a hint speaks of labels of this type.
fn is_decided(id: &ObjectId, decided: &[Hint]) -> bool {
    let path = id.path();
    decided.iter().any(|hint| match hint {
        Hint::Rename { kind, old, .. } => {
            kind == "label" && old.strip_prefix(&path).is_some_and(|rest| rest.starts_with(':'))
        }
        Hint::MapLabel { r#type, .. } => *r#type == path,
        _ => false,
    })
}

/// The flag, for a shell.
fn rename(id: &ObjectId, old: &str, new: &str) -> String {
    let flag = format!("label:{}:{}={}", id.path(), label(old), label(new));
    format!("--rename '{}'", flag.replace('\'', r"'\''"))
}

/// As hints spell it: literal text, or an SQL literal where that could be misread.
fn label(text: &str) -> String {
    match text.contains(['=', ':']) || text.starts_with(['\'', '"']) {
        true => ordain_model::quote::literal(text),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use ordain_model::kinds::r#enum::Enum;

    use super::*;

    fn found(live: &[&str], labels: &[&str], decided: &[Hint]) -> Vec<Refusal> {
        let mut catalog = Catalog::default();
        let id = ObjectId::qualified(Kind::Enum, "public", "status");
        let labels_of = |l: &[&str]| l.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
        catalog.objects.insert(id, Enum { labels: labels_of(live) }.into());
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let model = ModelEnum {
            schema: None,
            name: "status".into(),
            labels: labels_of(labels),
            members: vec![pair("DRAFT", "draft"), pair("SENT", "it's=sent")],
            r#where: "orders.status".into(),
            created: true,
        };
        names_and_values(&[model], &catalog, "public", decided)
    }

    #[test]
    fn both_ways_out_are_told() {
        let refusals = found(&["draft", "it's=sent"], &["DRAFT", "SENT"], &[]);
        assert_eq!(refusals.len(), 1);
        assert!(
            refusals[0].reason.contains("are the values of the Python enum (draft, it's=sent)")
        );
        let advice = &refusals[0].advice;
        assert!(advice.contains("values_callable"), "{advice}");
        assert!(advice.contains("--rename 'label:public.status:draft=DRAFT'"), "{advice}");
        assert!(
            advice.contains(r"'label:public.status:'\''it'\'''\''s=sent'\''=SENT'"),
            "{advice}"
        );
        let other = found(&["DRAFT", "SENT"], &["draft", "it's=sent"], &[]);
        assert!(other[0].advice.contains("label:public.status:DRAFT=draft"));
    }

    #[test]
    fn equal_or_unrelated_labels_are_no_trap() {
        assert_eq!(found(&["DRAFT"], &["DRAFT", "SENT"], &[]), []);
        assert_eq!(found(&["x"], &["DRAFT", "SENT"], &[]), []);
    }

    #[test]
    fn who_renames_labels_knows() {
        let hint = Hint::Rename {
            kind: "label".into(),
            old: "public.status:draft".into(),
            new: "DRAFT".into(),
        };
        assert_eq!(found(&["draft"], &["DRAFT", "SENT"], &[hint]), []);
    }
}
