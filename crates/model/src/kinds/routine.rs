//! What functions and procedures have in common: parameters, settings, bodies.

// Long because what a routine is called by, what it may do and what it says are read and written as one statement.

use serde::{Deserialize, Serialize};

use crate::{
    Context, Dependency, HazardKind, Kind, Literals, ObjectId, ReadError, Row, Side, Slot, Step,
    quote,
    tokens::{self, TokenKind},
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Parameter {
    pub mode: Mode,
    /// Empty when it has none.
    pub name: String,
    /// As `format_type` spells it; parameters have no modifiers.
    pub type_name: String,
    pub default: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    In,
    Out,
    InOut,
    Variadic,
    /// A column of RETURNS TABLE.
    Table,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Kept as text, and understood only when the routine runs.
    Text(String),
    /// C: the file and the symbol in it.
    Library { library: String, symbol: String },
    /// `BEGIN ATOMIC … END` or `RETURN …`, kept parsed.
    Parsed(String),
}

/// One `SET name TO value` of a routine, the value as `proconfig` spells it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

impl Mode {
    fn parse(code: &str) -> Result<Self, ReadError> {
        Ok(match code {
            "i" => Self::In,
            "o" => Self::Out,
            "b" => Self::InOut,
            "v" => Self::Variadic,
            "t" => Self::Table,
            other => {
                return Err(ReadError::Value { what: "proargmodes", value: other.to_owned() });
            }
        })
    }

    fn is_input(self) -> bool {
        matches!(self, Self::In | Self::InOut | Self::Variadic)
    }

    fn is_output(self) -> bool {
        !matches!(self, Self::In | Self::Variadic)
    }
}

/// Schema, name and input types: the id.
pub(super) fn read_id(kind: Kind, row: &mut dyn Row) -> Result<ObjectId, ReadError> {
    let (schema, name, arguments) = (row.text()?, row.text()?, row.text()?);
    Ok(ObjectId::routine(kind, &schema, &name, &arguments))
}

/// Four arrays: modes, names, types, defaults.
pub(super) fn read_parameters(row: &mut dyn Row) -> Result<Vec<Parameter>, ReadError> {
    let (modes, names) = (row.texts()?, row.texts()?);
    let (types, defaults) = (row.texts()?, row.texts()?);
    let parameter = |(i, type_name): (usize, String)| {
        Ok(Parameter {
            mode: modes.get(i).map_or(Ok(Mode::In), |code| Mode::parse(code))?,
            name: names.get(i).cloned().unwrap_or_default(),
            type_name,
            default: defaults.get(i).filter(|default| !default.is_empty()).cloned(),
        })
    };
    types.into_iter().enumerate().map(parameter).collect()
}

pub(super) fn read_settings(row: &mut dyn Row) -> Result<Vec<Setting>, ReadError> {
    let setting = |pair: String| {
        let (name, value) = pair.split_once('=').unwrap_or((&pair, ""));
        Setting { name: name.to_owned(), value: value.to_owned() }
    };
    Ok(row.texts()?.into_iter().map(setting).collect())
}

/// Library, source, parsed body.
pub(super) fn read_body(language: &str, row: &mut dyn Row) -> Result<Body, ReadError> {
    let (library, source, parsed) = (row.opt_text()?, row.text()?, row.opt_text()?);
    Ok(match (parsed, library) {
        (Some(parsed), _) => Body::Parsed(parsed),
        (None, Some(library)) if language == "c" => Body::Library { library, symbol: source },
        (None, _) => Body::Text(source),
    })
}

/// TRANSFORM FOR TYPE: the transform must be there, and `pg_depend` does not say so.
pub(super) fn transform_edges(id: &ObjectId, language: &str, types: &[String]) -> Vec<Dependency> {
    let language = quote::ident(language);
    let transform = |of: &String| {
        let name = format!("FOR {of} LANGUAGE {language}");
        super::hard(id, &ObjectId::routine(Kind::Transform, "", "", &name))
    };
    types.iter().map(transform).collect()
}

/// The parameters in parentheses.
pub(super) fn parameter_list(parameters: &[Parameter]) -> String {
    let listed: Vec<String> =
        parameters.iter().filter(|p| p.mode != Mode::Table).map(Parameter::sql).collect();
    format!("({})", listed.join(", "))
}

/// ` RETURNS TABLE(…)`'s columns, when there are any.
pub(super) fn table_columns(parameters: &[Parameter]) -> Option<String> {
    let columns: Vec<String> =
        parameters.iter().filter(|p| p.mode == Mode::Table).map(Parameter::sql).collect();
    (!columns.is_empty()).then(|| format!("TABLE({})", columns.join(", ")))
}

impl Parameter {
    fn sql(&self) -> String {
        let mode = match self.mode {
            Mode::In | Mode::Table => "",
            Mode::Out => "OUT ",
            Mode::InOut => "INOUT ",
            Mode::Variadic => "VARIADIC ",
        };
        let name = match self.name.as_str() {
            "" => String::new(),
            name => format!("{} ", quote::ident(name)),
        };
        let default = self.default.iter().map(|text| format!(" DEFAULT {text}"));
        format!("{mode}{name}{}{}", self.type_name, default.collect::<String>())
    }

    /// Mode and type: what tells procedures apart.
    pub(super) fn identity(&self) -> String {
        let mode = match self.mode {
            Mode::In | Mode::Table => "IN",
            Mode::Out => "OUT",
            Mode::InOut => "INOUT",
            Mode::Variadic => "VARIADIC",
        };
        format!("{mode} {}", self.type_name)
    }

    pub(super) fn without_default(&self) -> Self {
        Self { default: None, ..self.clone() }
    }

    pub(super) fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let Self { mode: _, name: _, type_name, default } = self;
        std::iter::once(type_name).chain(default)
    }
}

/// Whether CREATE OR REPLACE takes the new parameters for the old ones (`ProcedureCreate` in pg_proc.c): inputs
/// keep their names, defaults are not taken away, what a record returns stays.
pub(super) fn replaceable(old: &[Parameter], new: &[Parameter]) -> bool {
    let shape = |parameters: &[Parameter]| -> Vec<(Mode, String, String)> {
        let outputs = parameters.iter().filter(|p| p.mode.is_output());
        outputs.map(|p| (p.mode, p.name.clone(), p.type_name.clone())).collect()
    };
    if shape(old) != shape(new) {
        return false;
    }
    let inputs = |parameters: &[Parameter]| -> Vec<Parameter> {
        parameters.iter().filter(|p| p.mode.is_input()).cloned().collect()
    };
    let (old, new) = (inputs(old), inputs(new));
    old.len() == new.len()
        && old.iter().zip(&new).all(|(old, new)| {
            let named = old.name.is_empty() || old.name == new.name;
            let default = match (&old.default, &new.default) {
                (Some(_), None) => false,
                // A default of a polymorphic parameter must keep its type, which is not known here.
                (Some(a), Some(b)) => a == b || !new.type_name.starts_with("any"),
                _ => true,
            };
            named && default && old.mode == new.mode && old.type_name == new.type_name
        })
}

impl Body {
    /// What follows the attributes: `AS …` or the parsed body itself.
    pub(super) fn sql(&self) -> String {
        match self {
            Self::Text(source) => format!("AS {}", quote::dollar(source)),
            Self::Library { library, symbol } => {
                format!("AS {}, {}", quote::literal(library), quote::literal(symbol))
            }
            Self::Parsed(body) => body.clone(),
        }
    }

    /// What stands in for a parsed body; never looked at, since `check_function_bodies` is off.
    pub(super) fn stand_in() -> Self {
        Self::Text("SELECT NULL".to_owned())
    }

    /// Whether a parsed body calls the routine itself (or an overload), which must exist before.
    pub(super) fn calls(&self, id: &ObjectId) -> bool {
        match self {
            Self::Parsed(body) => tokens::chains(body).iter().any(|chain| {
                chain.called
                    && matches!(&chain.parts[..], [schema, name]
                        if id.schema() == Some(schema) && id.base() == name)
            }),
            Self::Text(_) | Self::Library { .. } => false,
        }
    }

    /// The text, where its language is one with SQL in it.
    pub(super) fn unparsed(&self, language: &str) -> Option<&str> {
        match self {
            Self::Text(source) if matches!(language, "sql" | "plpgsql") => Some(source),
            _ => None,
        }
    }

    /// The text that the server keeps parsed, and therefore changes with what is renamed.
    pub(super) fn text_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Parsed(body) => Some(body),
            Self::Text(_) | Self::Library { .. } => None,
        }
    }
}

/// How string constants in the CREATE statement count: those of a body that is not looked at don't.
pub(super) fn literals(language: &str, parameters: &[Parameter], body: &Body) -> Literals {
    let has_literal =
        |text: &String| tokens::tokenize(text).iter().any(|token| token.kind == TokenKind::String);
    match body {
        Body::Text(_) if language == "sql" => Literals::Untyped,
        Body::Parsed(_) => Literals::Typed,
        _ if parameters.iter().filter_map(|p| p.default.as_ref()).any(has_literal) => {
            Literals::Typed
        }
        _ => Literals::Inert,
    }
}

impl Setting {
    /// `SET name TO value`.
    pub(super) fn sql(&self) -> String {
        let name = self.name.split('.').map(quote::ident).collect::<Vec<_>>().join(".");
        let value = if is_list(&self.name) {
            // as a name, a long element would be cut
            let names = elements(&self.value).into_iter().map(|element| match element.len() {
                1..64 => quote::ident(&element),
                _ => quote::literal(&element),
            });
            names.collect::<Vec<_>>().join(", ")
        } else {
            quote::literal(&self.value)
        };
        format!("SET {name} TO {value}")
    }
}

/// Parameters whose value is a list of quoted names (GUC_LIST_QUOTE in guc_tables.c).
fn is_list(name: &str) -> bool {
    matches!(
        name,
        "local_preload_libraries"
            | "search_path"
            | "session_preload_libraries"
            | "shared_preload_libraries"
            | "temp_tablespaces"
            | "unix_socket_directories"
    )
}

/// `"$user", public` → `$user` and `public`.
fn elements(list: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut quoted = false;
    let mut chars = list.chars().peekable();
    while let Some(c) = chars.next() {
        let last = found.len() - 1;
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                found[last].push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(String::new()),
            c if !quoted && c.is_whitespace() => {}
            c => found[last].push(c),
        }
    }
    found
}

/// SET and RESET actions that turn one list into the other, in the other's order; `None` where actions cannot
/// bring about that order.
pub(super) fn setting_changes(old: &[Setting], new: &[Setting]) -> Option<Vec<String>> {
    let of = |name: &str| new.iter().find(|setting| setting.name == name);
    let kept: Vec<&Setting> = old.iter().filter_map(|setting| of(&setting.name)).collect();
    let added: Vec<&Setting> = new.iter().filter(|s| !kept.contains(s)).collect();
    if !kept.iter().chain(&added).copied().eq(new) {
        return None;
    }
    let gone = old.iter().filter(|setting| of(&setting.name).is_none());
    let reset = gone.map(|setting| format!("RESET {}", quote::ident(&setting.name)));
    let set = new.iter().filter(|setting| !old.contains(setting)).map(Setting::sql);
    Some(reset.chain(set).collect())
}

/// `TRANSFORM FOR TYPE hstore, …` with a line's end before it.
pub(super) fn transforms(types: &[String]) -> Option<String> {
    let each: Vec<String> = types.iter().map(|name| format!("FOR TYPE {name}")).collect();
    (!each.is_empty()).then(|| format!("TRANSFORM {}", each.join(", ")))
}

/// Types that use the function and that it uses (a range type and its canonical function, a base type): they go together.
pub(super) fn made_of_each_other<'a>(
    cx: &'a Context,
    id: &'a ObjectId,
) -> impl Iterator<Item = &'a ObjectId> {
    let used = cx.uses(Side::From, id).iter().map(|edge| &edge.used);
    used.filter(move |used| {
        matches!(used.kind(), Kind::Range | Kind::BaseType)
            && cx.uses(Side::From, used).iter().any(|edge| edge.used == *id)
    })
}

pub(super) fn runs_as_owner(step: Step, id: &ObjectId) -> Step {
    let detail = format!("{} now runs with the rights of its owner", id.sql());
    step.hazard(HazardKind::LoosensAccess, detail)
}

/// Functions and procedures share one name space.
pub(super) fn slots(id: &ObjectId) -> Vec<Slot> {
    let arguments = match id.name() {
        crate::Name::Routine { args, .. } => args,
        _ => "",
    };
    let schema = id.schema().unwrap_or_default();
    vec![Slot { space: "pg_proc", name: format!("{schema}\0{}\0{arguments}", id.base()) }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(name: &str, value: &str) -> Setting {
        Setting { name: name.to_owned(), value: value.to_owned() }
    }

    fn parameter(mode: Mode, name: &str, type_name: &str, default: Option<&str>) -> Parameter {
        let default = default.map(str::to_owned);
        Parameter { mode, name: name.to_owned(), type_name: type_name.to_owned(), default }
    }

    #[test]
    fn lists_of_names_are_quoted_one_by_one() {
        for (value, sql) in [
            ("\"\"", "SET search_path TO ''"),
            ("s, public", "SET search_path TO s, public"),
            ("\"$user\", \"a,\"\"b\"", "SET search_path TO \"$user\", \"a,\"\"b\""),
        ] {
            assert_eq!(setting("search_path", value).sql(), sql);
        }
        assert_eq!(setting("app.Mode", "it's").sql(), "SET app.\"Mode\" TO 'it''s'");
    }

    #[test]
    fn settings_change_only_where_the_order_comes_out_right() {
        let (a, b, c) = (setting("a", "1"), setting("b", "2"), setting("c", "3"));
        let old = [a.clone(), b.clone()];
        let new = [setting("b", "3"), c.clone()];
        let changes = setting_changes(&old, &new);
        assert_eq!(
            changes,
            Some(vec!["RESET a".into(), "SET b TO '3'".into(), "SET c TO '3'".into()])
        );
        assert_eq!(setting_changes(&old, &[c, a]), None);
    }

    #[test]
    fn what_create_or_replace_allows() {
        use Mode::{In, InOut, Out, Variadic};
        let p = parameter;
        let old = [p(In, "a", "integer", None), p(In, "", "text", Some("'x'::text"))];
        let replaceable_by = |second: Parameter| replaceable(&old, &[old[0].clone(), second]);
        assert!(replaceable_by(p(In, "b", "text", Some("'y'::text"))));
        assert!(!replaceable_by(p(In, "", "text", None)));
        assert!(!replaceable_by(p(InOut, "", "text", Some("'x'::text"))));
        assert!(!replaceable(&old, &[p(In, "z", "integer", None), old[1].clone()]));
        assert!(!replaceable(&[p(Variadic, "", "text[]", None)], &[p(In, "", "text[]", None)]));
        assert!(!replaceable(&[p(Out, "a", "text", None)], &[p(Out, "b", "text", None)]));
    }
}
