//! `-- ordain: …` comments: what they say, and beside what they stand.

use pg_query::{
    Node, NodeEnum,
    protobuf::{AlterTableType, RangeVar, Token},
};

use ordain_model::Kind;

use crate::{
    SqlError,
    sql::{roles::string, text::Span},
};

/// A remark and what it is about, as the file spells it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Remark {
    pub said: Said,
    pub about: Target,
}

/// What a remark can say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    RenamedFrom(String),
    /// None: to NULL.
    LabelBecomes(String, Option<String>),
    Using(String),
    Fill(String),
}

/// The object that a statement, or an element of one, makes.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Target {
    /// Any of these.
    pub kinds: Vec<Kind>,
    pub schema: Option<String>,
    pub name: String,
    /// How many input arguments a routine takes.
    pub arguments: Option<usize>,
    /// A part of it instead.
    pub member: Option<(Vec<Kind>, String)>,
}

const FORMS: &str =
    "the forms are: renamed from OLD | label OLD becomes NEW | using EXPRESSION | fill EXPRESSION";

/// Parses what follows `-- ordain:`.
pub(crate) fn said(text: &str) -> Option<Said> {
    let text = text.trim().trim_end_matches(';');
    if let Some(old) = strip_words(text, "renamed from") {
        return Some(Said::RenamedFrom(old.to_owned()));
    }
    if let Some(rest) = strip_words(text, "label") {
        let (old, rest) = label(rest, " becomes ")?;
        let new = rest.trim();
        return Some(match new.eq_ignore_ascii_case("null") {
            true => Said::LabelBecomes(old, None),
            false => Said::LabelBecomes(old, Some(label(new, "")?.0)),
        });
    }
    if let Some(expression) = strip_words(text, "using") {
        return Some(Said::Using(expression.to_owned()));
    }
    strip_words(text, "fill").map(|expression| Said::Fill(expression.to_owned()))
}

fn strip_words<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let mut rest = text;
    for word in words.split(' ') {
        let head = rest.get(..word.len())?;
        if !head.eq_ignore_ascii_case(word) {
            return None;
        }
        rest = rest[word.len()..].strip_prefix(char::is_whitespace)?.trim_start();
    }
    (!rest.is_empty()).then_some(rest)
}

/// A label up to `end`: literal text unless it begins with a quote. Returns what follows.
fn label<'a>(text: &'a str, end: &str) -> Option<(String, &'a str)> {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('\'') else {
        return match end {
            "" => Some((text.trim_end().to_owned(), "")),
            _ => text.split_once(end).map(|(label, rest)| (label.trim_end().to_owned(), rest)),
        };
    };
    let mut label = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if chars.peek().is_some_and(|(_, next)| *next == '\'') => {
                chars.next();
                label.push('\'');
            }
            '\'' => {
                let rest = quoted[at + 1..].trim_start();
                let rest = rest.strip_prefix(end.trim()).unwrap_or(rest);
                return Some((label, rest));
            }
            _ => label.push(c),
        }
    }
    None
}

/// The remark at `at`, standing beside or in a statement.
pub(crate) fn remark(
    at: &Span,
    text: &str,
    statement: &Span,
    node: &NodeEnum,
) -> Result<Remark, SqlError> {
    let error = |message: String, note: &str| {
        let mut error = at.error(message);
        error.notes.push(note.to_owned());
        error
    };
    let said =
        said(text).ok_or_else(|| error(format!("not understood: -- ordain: {text}"), FORMS))?;
    let whole = target(node).ok_or_else(|| {
        error("there is nothing here that this comment could be about".into(), FORMS)
    })?;
    let mut about = element(at, statement, node).map_or(whole.clone(), |(kinds, name)| Target {
        member: Some((kinds, name)),
        ..whole.clone()
    });
    match said {
        Said::Using(_) | Said::Fill(_) => {
            let column =
                about.member.as_ref().is_some_and(|(kinds, _)| kinds.contains(&Kind::Column));
            if !column {
                return Err(error("this comment must stand beside a column".into(), FORMS));
            }
        }
        // About the type, wherever among its labels it stands.
        Said::LabelBecomes(..) => {
            about.member = None;
            if !about.kinds.contains(&Kind::Enum) {
                return Err(error("this comment must stand beside an enum type".into(), FORMS));
            }
        }
        Said::RenamedFrom(_) => {}
    }
    Ok(Remark { said, about })
}

/// The element of a statement that a remark stands beside. None: the statement itself.
fn element(at: &Span, statement: &Span, node: &NodeEnum) -> Option<(Vec<Kind>, String)> {
    let inside = (statement.start..statement.end).contains(&at.start);
    let mut all = elements(node, statement.sql());
    if let NodeEnum::AlterTableStmt(_) = node
        && !inside
        && all.len() == 1
    {
        return all.pop().map(|(_, kinds, name)| (kinds, name));
    }
    if !inside {
        return None;
    }
    all.sort_by_key(|(start, ..)| *start);
    let position = at.start - statement.start;
    let sql = statement.sql();
    let line = sql[..position].rfind('\n').map_or(0, |n| n + 1);
    let own_line = sql[line..position].trim().is_empty();
    let before = all.iter().rposition(|(start, ..)| *start < position);
    let found = if own_line {
        all.iter().position(|(start, ..)| *start > position).or(before)
    } else {
        before
    };
    found.map(|i| (all[i].1.clone(), all[i].2.clone()))
}

/// Elements of a statement: where each starts, what it may be, and its name.
fn elements(node: &NodeEnum, sql: &str) -> Vec<(usize, Vec<Kind>, String)> {
    use NodeEnum as N;
    let parts = |nodes: &[Node], column: Kind| -> Vec<(usize, Vec<Kind>, String)> {
        nodes
            .iter()
            .filter_map(|node| match &node.node {
                Some(N::ColumnDef(c)) => {
                    Some((c.location.max(0) as usize, vec![column], c.colname.clone()))
                }
                Some(N::Constraint(c)) => {
                    Some((c.location.max(0) as usize, vec![Kind::Constraint], c.conname.clone()))
                }
                _ => None,
            })
            .collect()
    };
    match node {
        N::CreateStmt(create) => parts(&create.table_elts, Kind::Column),
        N::CreateForeignTableStmt(create) => create
            .base_stmt
            .as_ref()
            .map(|b| parts(&b.table_elts, Kind::Column))
            .unwrap_or_default(),
        N::CompositeTypeStmt(create) => parts(&create.coldeflist, Kind::Attribute),
        N::CreateEnumStmt(create) => {
            let tokens = pg_query::scan_tokens(sql).unwrap_or_default();
            let places = tokens
                .iter()
                .filter(|t| matches!(t.token(), Token::Sconst | Token::Usconst))
                .map(|t| t.start as usize);
            let labels = create.vals.iter().filter_map(string);
            places.zip(labels).map(|(at, l)| (at, vec![Kind::Label], l.to_owned())).collect()
        }
        N::AlterTableStmt(alter) => alter
            .cmds
            .iter()
            .filter_map(|command| match &command.node {
                Some(N::AlterTableCmd(command)) => Some(command),
                _ => None,
            })
            .flat_map(|command| match command.def.as_deref() {
                Some(def) if command.subtype() == AlterTableType::AtAlterColumnType => {
                    let mut found = parts(std::slice::from_ref(def), Kind::Column);
                    found.iter_mut().for_each(|f| f.2 = command.name.clone());
                    found
                }
                Some(def) => parts(std::slice::from_ref(def), Kind::Column),
                None => Vec::new(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What a statement makes.
fn target(node: &NodeEnum) -> Option<Target> {
    use NodeEnum as N;
    const TYPES: [Kind; 3] = [Kind::Enum, Kind::Domain, Kind::Composite];
    match node {
        N::CreateStmt(c) => of_relation(&[Kind::Table], c.relation.as_ref()),
        N::AlterTableStmt(c) => of_relation(
            &[Kind::Table, Kind::View, Kind::MaterializedView, Kind::Sequence, Kind::Composite],
            c.relation.as_ref(),
        ),
        N::ViewStmt(c) => of_relation(&[Kind::View], c.view.as_ref()),
        N::CreateTableAsStmt(c) => of_relation(
            &[Kind::MaterializedView, Kind::Table],
            c.into.as_ref().and_then(|into| into.rel.as_ref()),
        ),
        N::CreateSeqStmt(c) => of_relation(&[Kind::Sequence], c.sequence.as_ref()),
        N::CompositeTypeStmt(c) => of_relation(&[Kind::Composite], c.typevar.as_ref()),
        N::CreateEnumStmt(c) => of_names(&TYPES, &c.type_name),
        N::AlterEnumStmt(c) => of_names(&TYPES, &c.type_name),
        N::CreateDomainStmt(c) => of_names(&TYPES, &c.domainname),
        N::CreateFunctionStmt(c) => {
            use pg_query::protobuf::FunctionParameterMode as Mode;
            let inputs = c.parameters.iter().filter(|p| match &p.node {
                Some(N::FunctionParameter(p)) => {
                    !matches!(p.mode(), Mode::FuncParamOut | Mode::FuncParamTable)
                }
                _ => false,
            });
            let kind = if c.is_procedure { Kind::Procedure } else { Kind::Function };
            let mut target = of_names(&[kind], &c.funcname)?;
            target.arguments = Some(inputs.count());
            Some(target)
        }
        N::CreateSchemaStmt(c) => Some(Target {
            kinds: vec![Kind::Schema],
            name: c.schemaname.clone(),
            ..Target::default()
        }),
        N::IndexStmt(c) => {
            let mut target = of_relation(&[Kind::Index], c.relation.as_ref())?;
            target.name = c.idxname.clone();
            Some(target)
        }
        N::CreateTrigStmt(c) => part(&[Kind::Trigger], c.relation.as_ref(), &c.trigname),
        N::CreatePolicyStmt(c) => part(&[Kind::Policy], c.table.as_ref(), &c.policy_name),
        _ => None,
    }
}

fn of_relation(kinds: &[Kind], name: Option<&RangeVar>) -> Option<Target> {
    let name = name?;
    let schema = Some(&name.schemaname).filter(|s| !s.is_empty()).cloned();
    Some(Target { kinds: kinds.to_vec(), schema, name: name.relname.clone(), ..Target::default() })
}

fn of_names(kinds: &[Kind], names: &[Node]) -> Option<Target> {
    let parts: Vec<&str> = names.iter().filter_map(string).collect();
    let name = (*parts.last()?).to_owned();
    let schema = parts.len().checked_sub(2).map(|i| parts[i].to_owned());
    Some(Target { kinds: kinds.to_vec(), schema, name, ..Target::default() })
}

fn part(kinds: &[Kind], relation: Option<&RangeVar>, name: &str) -> Option<Target> {
    let mut target = of_relation(&[Kind::Table, Kind::View], relation)?;
    target.member = Some((kinds.to_vec(), name.to_owned()));
    Some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_understood() {
        let becomes = |old: &str, new: Option<&str>| {
            Some(Said::LabelBecomes(old.into(), new.map(str::to_owned)))
        };
        for (text, expected) in [
            ("renamed from old_name", Some(Said::RenamedFrom("old_name".into()))),
            ("Renamed  From  app.\"Old\"", Some(Said::RenamedFrom("app.\"Old\"".into()))),
            ("label a becomes b", becomes("a", Some("b"))),
            ("label in progress becomes done", becomes("in progress", Some("done"))),
            ("label 'a becomes b' becomes 'it''s'", becomes("a becomes b", Some("it's"))),
            ("label a becomes NULL", becomes("a", None)),
            ("label a becomes 'NULL'", becomes("a", Some("NULL"))),
            ("using a::text::int", Some(Said::Using("a::text::int".into()))),
            ("fill now()", Some(Said::Fill("now()".into()))),
            ("fill", None),
            ("renamed x", None),
            ("label a", None),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }
}
