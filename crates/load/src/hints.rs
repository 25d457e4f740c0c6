//! Remarks beside statements → hints about objects of the catalog.

use std::collections::HashMap;

use ordain_model::{Catalog, Hint, Name, ObjectId, quote};

use crate::{
    SqlError,
    sql::{
        remarks::{Said, Target},
        script::{Script, Site},
    },
};

/// Turns every remark into a hint. `search_paths` holds the path in force under each settings that a remark has.
pub(crate) fn hints(
    script: &Script,
    catalog: &Catalog,
    search_paths: &HashMap<usize, String>,
) -> Result<Vec<Hint>, Vec<SqlError>> {
    let mut by_name: HashMap<&str, Vec<&ObjectId>> = HashMap::new();
    if !script.sites.is_empty() {
        for id in catalog.objects.keys() {
            by_name.entry(id.base()).or_default().push(id);
        }
    }
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for Site { span, settings, remark } in &script.sites {
        let path = search_paths.get(settings).map_or("public", String::as_str);
        match object(&remark.about, &by_name, &schemas(path)) {
            Some(object) => found.push(hint(&remark.said, object)),
            None => {
                let mut error =
                    span.error("what this comment is about does not exist when the files have run");
                error
                    .notes
                    .push("it may have been dropped, or renamed by a later statement".into());
                errors.push(error);
            }
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

fn hint(said: &Said, object: ObjectId) -> Hint {
    match said {
        Said::RenamedFrom(old) => {
            // A label is written as it is, not as an identifier.
            let label = object.parent().is_some_and(|p| p.kind() == ordain_model::Kind::Enum)
                && object.kind() == ordain_model::Kind::Label;
            let old = if label { quote::ident(&unquoted(old)) } else { old.clone() };
            Hint::RenamedFrom { object, old }
        }
        Said::LabelBecomes(old, new) => {
            Hint::MapLabel { r#type: object.path(), old: old.clone(), new: new.clone() }
        }
        Said::Using(expression) => Hint::Using { object, expression: expression.clone() },
        Said::Fill(expression) => Hint::Fill { object, expression: expression.clone() },
    }
}

fn unquoted(label: &str) -> String {
    match label.strip_prefix('\'').and_then(|l| l.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => label.to_owned(),
    }
}

fn object(
    target: &Target,
    by_name: &HashMap<&str, Vec<&ObjectId>>,
    path: &[String],
) -> Option<ObjectId> {
    let named = by_name.get(target.name.as_str())?;
    let fits = |id: &&&ObjectId| {
        target.kinds.contains(&id.kind())
            && match (id.name(), target.arguments) {
                (Name::Routine { args, .. }, Some(count)) => arguments(args) == count,
                _ => true,
            }
    };
    let all: Vec<&ObjectId> = named.iter().filter(fits).copied().collect();
    let at = |schema: &str| all.iter().find(|id| id.schema() == Some(schema)).copied();
    let whole = match &target.schema {
        Some(schema) => at(schema),
        None => path.iter().find_map(|schema| at(schema)).or_else(|| {
            // Schemas themselves have no place in the path.
            all.iter().find(|id| matches!(id.name(), Name::Global(_))).copied()
        }),
    }?;
    match &target.member {
        None => Some(whole.clone()),
        Some((kinds, name)) => by_name
            .get(name.as_str())?
            .iter()
            .find(|id| kinds.contains(&id.kind()) && id.parent() == Some(whole))
            .map(|id| (*id).clone()),
    }
}

/// Commas outside of quotes and parentheses, plus one.
fn arguments(args: &str) -> usize {
    if args.is_empty() {
        return 0;
    }
    let (mut quoted, mut depth, mut count) = (false, 0, 1);
    for c in args.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => count += 1,
            _ => {}
        }
    }
    count
}

/// The names in a search path.
pub(crate) fn schemas(path: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = String::new();
    let (mut quoted, mut was_quoted) = (false, false);
    for c in path.chars().chain([',']) {
        match c {
            '"' => {
                // A doubled quote inside of quotes is one quote.
                if !quoted && was_quoted && !name.is_empty() {
                    name.push('"');
                }
                quoted = !quoted;
                was_quoted = true;
            }
            ',' if !quoted => {
                let bare = if was_quoted { name.clone() } else { name.trim().to_lowercase() };
                if !bare.is_empty() {
                    names.push(bare);
                }
                name.clear();
                was_quoted = false;
            }
            c if c.is_whitespace() && !quoted => {}
            c => name.push(c),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_paths_are_lists_of_names() {
        assert_eq!(schemas("\"$user\", public"), ["$user", "public"]);
        assert_eq!(schemas("App, \"My, Schema\""), ["app", "My, Schema"]);
        assert_eq!(schemas("\"a\"\"b\""), ["a\"b"]);
        assert!(schemas("").is_empty());
    }

    #[test]
    fn arguments_are_counted() {
        assert_eq!(arguments(""), 0);
        assert_eq!(arguments("integer"), 1);
        assert_eq!(arguments("numeric(10,2), \"a,b\""), 2);
    }
}
