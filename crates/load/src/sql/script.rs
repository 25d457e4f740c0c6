//! All statements of all files, judged, with the settings in force where each stands.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use pg_query::NodeEnum;

use crate::{
    SqlError,
    sql::{
        class::{Block, Class, Judged, Setting, judge},
        files::{Item, Texts, Unit},
        parse::parse,
        remarks::{Remark, remark},
        roles::Mentions,
        text::Span,
        twice,
    },
};

/// One statement on its way into the shadow.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub span: Span,
    /// Which file of those that were named or found; barriers reach no further.
    pub unit: usize,
    /// Index into [`Script::settings`].
    pub settings: usize,
    pub judged: Judged,
}

/// Settings in force: name → the statement that made it so.
pub(crate) type Settings = BTreeMap<String, Arc<SetStatement>>;

#[derive(Debug)]
pub(crate) struct SetStatement {
    pub span: Span,
    /// Sets it for the session.
    pub sql: String,
}

#[derive(Debug, Default)]
pub(crate) struct Script {
    pub statements: Vec<Statement>,
    /// Of which source each unit is.
    pub sources: Vec<usize>,
    /// The first is empty: what a new session has.
    pub settings: Vec<Settings>,
    pub mentions: Mentions,
    pub sites: Vec<Site>,
    /// Schemas that are there for models already, should a file make them as well.
    pub implied: BTreeSet<String>,
    pub notices: Vec<String>,
}

/// A remark at its place.
#[derive(Debug)]
pub(crate) struct Site {
    pub span: Span,
    /// Index into [`Script::settings`]: those of the statement that it is about.
    pub settings: usize,
    pub remark: Remark,
}

impl Script {
    /// Parses everything. All syntax errors are found before any server is started.
    pub fn new(texts: Texts) -> Result<Self, Vec<SqlError>> {
        let mut reader = Reader {
            script: Self { settings: vec![Settings::new()], ..Self::default() },
            errors: texts.errors,
            skipped: BTreeMap::new(),
        };
        reader.script.notices = texts.notices;
        for (number, unit) in texts.units.iter().enumerate() {
            reader.script.sources.push(unit.source);
            reader.unit(number, unit);
        }
        let Reader { mut script, mut errors, skipped } = reader;
        if texts.sources > 1 {
            errors.extend(twice::errors(&script));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        script.notices.extend(skipped.into_iter().map(|(what, (count, first))| match count {
            1 => format!("{first}: {what} was skipped"),
            _ => format!("{first}: {what} was skipped, here and in {} more places", count - 1),
        }));
        Ok(script)
    }

    /// Words of the kinds of objects that units from this one on make.
    pub fn kinds(&self, first: usize) -> BTreeSet<String> {
        let units = self.statements.iter().filter(|s| s.unit >= first);
        units.flat_map(|s| s.judged.makes.iter()).map(|kind| kind.word().to_owned()).collect()
    }

    /// Who makes what: last name → indexes of statements, in order.
    pub fn definers(&self) -> HashMap<&str, Vec<usize>> {
        let mut map: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, statement) in self.statements.iter().enumerate() {
            for name in &statement.judged.defines {
                map.entry(name).or_default().push(index);
            }
        }
        map
    }
}

impl Statement {
    /// What the server is sent: as long as the original, so that positions in it are positions in the file.
    pub fn sql(&self) -> String {
        let sql = self.span.sql();
        if !self.judged.concurrently {
            return sql.to_owned();
        }
        let tokens = pg_query::scan_tokens(sql).unwrap_or_default();
        let word = tokens
            .iter()
            .find(|t| t.token == pg_query::protobuf::Token::Concurrently as i32)
            .map(|t| t.start as usize..t.end as usize);
        let mut sql = sql.to_owned();
        if let Some(word) = word {
            sql.replace_range(word.clone(), &" ".repeat(word.len()));
        }
        sql
    }
}

struct Reader {
    script: Script,
    errors: Vec<SqlError>,
    /// What was skipped: how often, and where first.
    skipped: BTreeMap<String, (usize, String)>,
}

/// A transaction block that a file opened.
struct Open {
    /// The first statement inside.
    start: usize,
    /// The settings that SET LOCAL will give back.
    outside: Settings,
}

impl Reader {
    fn unit(&mut self, number: usize, unit: &Unit) {
        let mut now = Settings::new();
        let mut at = 0;
        let mut open: Option<Open> = None;
        let mut remarks: Vec<(&Span, &str)> = Vec::new();
        let mut last: Option<(&Span, NodeEnum, usize)> = None;
        for item in &unit.items {
            let span = match item {
                Item::Statement(span) => span,
                // Behind a statement on its last line: about that one. Else about the next.
                Item::Remark(at, text) => {
                    match &last {
                        Some((span, node, settings)) if is_behind(at, span) => {
                            self.remark(at, text, span, node, *settings);
                        }
                        _ => remarks.push((at, text)),
                    }
                    continue;
                }
            };
            let node = match parse(span) {
                Ok(node) => node,
                Err(error) => {
                    self.errors.push(error);
                    continue;
                }
            };
            self.script.mentions.add(&node);
            for (place, text) in remarks.drain(..) {
                self.remark(place, text, span, &node, at);
            }
            let judged = judge(&node);
            let before = now.clone();
            let under = at;
            match &judged.class {
                Class::Skip(what) => self.skip(what, span),
                Class::Role => {
                    self.skip("a role statement (the roles are there, without rights)", span)
                }
                Class::Refuse(why) => self.errors.push(span.error(*why)),
                Class::Transaction(Block::Begin) => {
                    let start = self.script.statements.len();
                    open.get_or_insert(Open { start, outside: now.clone() });
                }
                Class::Transaction(Block::Commit) => {
                    if let Some(open) = open.take() {
                        now = open.outside;
                    }
                }
                Class::Transaction(Block::Rollback) => {
                    if let Some(open) = open.take() {
                        self.script.statements.truncate(open.start);
                        self.skip("what is rolled back", span);
                        now = open.outside;
                    }
                }
                Class::Setting(setting) => {
                    apply(&mut now, open.as_mut().map(|o| &mut o.outside), setting, span, &node);
                }
                _ => self.script.statements.push(Statement {
                    span: span.clone(),
                    unit: number,
                    settings: at,
                    judged,
                }),
            }
            if !same(&now, &before) {
                at = self.script.settings.len();
                self.script.settings.push(now.clone());
            }
            last = Some((span, node, under));
        }
        for (place, text) in remarks {
            self.errors.push(place.error(format!(
                "nothing follows that this comment could be about: -- ordain: {text}"
            )));
        }
    }

    fn remark(&mut self, at: &Span, text: &str, span: &Span, node: &NodeEnum, settings: usize) {
        match remark(at, text, span, node) {
            Ok(remark) => self.script.sites.push(Site { span: at.clone(), settings, remark }),
            Err(error) => self.errors.push(error),
        }
    }

    fn skip(&mut self, what: &str, span: &Span) {
        let entry = self.skipped.entry(what.to_owned()).or_insert_with(|| (0, span.line()));
        entry.0 += 1;
    }
}

/// Whether a remark stands behind a statement, on the line where that ends.
fn is_behind(at: &Span, statement: &Span) -> bool {
    let same = Arc::ptr_eq(&at.text, &statement.text);
    same && at.start >= statement.end && !at.text.text[statement.end..at.start].contains('\n')
}

/// `outside` is there within a transaction block: what holds when it ends.
fn apply(
    now: &mut Settings,
    outside: Option<&mut Settings>,
    setting: &Setting,
    span: &Span,
    node: &NodeEnum,
) {
    let change = |settings: &mut Settings| match setting {
        Setting::Set { name, .. } => {
            let statement = SetStatement { span: span.clone(), sql: session_wide(span, node) };
            settings.insert(name.clone(), Arc::new(statement));
        }
        Setting::Reset { name } => drop(settings.remove(name)),
        Setting::ResetAll => settings.clear(),
        Setting::Ignored => {}
    };
    let local = matches!(setting, Setting::Set { local: true, .. });
    match outside {
        Some(_) if local => change(now),
        Some(outside) => {
            change(now);
            change(outside);
        }
        // SET LOCAL outside of a transaction block does nothing.
        None if local => {}
        None => change(now),
    }
}

fn same(a: &Settings, b: &Settings) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.0 == y.0 && Arc::ptr_eq(x.1, y.1))
}

/// The statement without LOCAL, and SET SESSION AUTHORIZATION as SET ROLE.
fn session_wide(span: &Span, node: &NodeEnum) -> String {
    match node {
        NodeEnum::VariableSetStmt(set) if set.is_local || set.name == "session_authorization" => {
            let mut set = set.clone();
            set.is_local = false;
            if set.name == "session_authorization" {
                set.name = "role".into();
            }
            let whole = NodeEnum::VariableSetStmt(set);
            whole.deparse(Default::default()).unwrap_or_else(|_| span.sql().to_owned())
        }
        NodeEnum::SelectStmt(_) => {
            // set_config(name, value, is_local): only the last argument may have to change.
            let sql = span.sql().to_owned();
            match sql.rfind(',') {
                Some(comma) if sql[comma..].to_lowercase().contains('t') => {
                    format!("{}, false)", &sql[..comma])
                }
                _ => sql,
            }
        }
        _ => span.sql().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Result<Script, Vec<SqlError>> {
        let mut texts = Texts::default();
        texts.add_text("a.sql", text.to_owned()).map_err(|_| Vec::new())?;
        Script::new(texts)
    }

    /// Each statement with the settings it runs under.
    fn settings(text: &str) -> Vec<(String, Vec<String>)> {
        let Ok(script) = script(text) else { return Vec::new() };
        let under = |s: &Statement| {
            script.settings[s.settings].values().map(|v| v.sql.clone()).collect::<Vec<_>>()
        };
        script.statements.iter().map(|s| (s.span.sql().to_owned(), under(s))).collect()
    }

    #[test]
    fn settings_hold_where_they_stand() {
        let found = settings(
            "create table a (); set search_path = x; create table b ();
             begin; set local search_path to y; create table c (); commit; create table d ();
             reset all; create table e ();
             select pg_catalog.set_config('search_path', '', false); create table f ();",
        );
        let expected = [
            ("create table a ()", vec![]),
            ("create table b ()", vec!["set search_path = x"]),
            ("create table c ()", vec!["SET search_path TO y"]),
            ("create table d ()", vec!["set search_path = x"]),
            ("create table e ()", vec![]),
            ("create table f ()", vec!["select pg_catalog.set_config('search_path', '', false)"]),
        ];
        let expected: Vec<(String, Vec<String>)> = expected
            .into_iter()
            .map(|(sql, set)| (sql.to_owned(), set.into_iter().map(str::to_owned).collect()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_rolled_back_is_left_out() {
        let found = settings("begin; create table a (); rollback; create table b ();");
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn all_syntax_errors_are_told_at_once() {
        let errors = script("creat table a (); create table b (); drop tabel c;").err();
        let places: Vec<_> = errors.iter().flatten().map(|e| (e.line, e.column)).collect();
        assert_eq!(places, [(1, 1), (1, 43)]);
    }

    #[test]
    fn concurrently_is_blanked_out() {
        let Ok(script) = script("create index concurrently i on t (a)") else { return };
        assert_eq!(script.statements[0].sql(), "create index              i on t (a)");
    }
}
