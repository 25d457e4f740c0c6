//! What DO blocks are going to do, as far as it has to be known before they run: found by their words, since the
//! blocks' own language is not parsed.

use pg_query::{
    Node, NodeEnum,
    protobuf::{CreateExtensionStmt, ScanToken},
};

use super::roles::definitions;

/// A block's text and its words.
struct Words<'a> {
    text: &'a str,
    tokens: Vec<ScanToken>,
}

impl<'a> Words<'a> {
    fn of(node: &'a NodeEnum) -> Option<Self> {
        let NodeEnum::DoStmt(block) = node else { return None };
        let text = definitions(&block.args).find_map(|(name, value)| match value {
            Some(NodeEnum::String(text)) if name == "as" => Some(text.sval.as_str()),
            _ => None,
        })?;
        Some(Self { text, tokens: pg_query::scan_tokens(text).ok()? })
    }

    fn word(&self, at: usize) -> &'a str {
        let range = self.tokens.get(at).map(|t| t.start as usize..t.end as usize);
        range.and_then(|range| self.text.get(range)).unwrap_or_default()
    }

    fn is(&self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.word(at).eq_ignore_ascii_case(word))
    }

    fn is_about_roles(&self, at: usize) -> bool {
        self.is(at, &["create", "alter", "drop"])
            && self.is(at + 1, &["role", "user", "group"])
            && !self.is(at + 2, &["mapping"])
    }

    fn makes_extension(&self, at: usize) -> bool {
        self.is(at, &["create"]) && self.is(at + 1, &["extension"])
    }

    /// Where the semicolon behind the statement at `at` stands.
    fn end(&self, at: usize) -> Option<usize> {
        let semicolon = (at..self.tokens.len()).find(|&i| self.word(i) == ";")?;
        Some(self.tokens[semicolon].start as usize)
    }
}

/// A DO block without what needs rights and has nothing to do, because it is done already: statements about roles,
/// and those that make extensions. None when there are no such statements in it.
pub(crate) fn without_what_is_done(node: &NodeEnum) -> Option<NodeEnum> {
    let words = Words::of(node)?;
    let mut text = String::new();
    let mut copied = 0;
    for at in 0..words.tokens.len() {
        let starts = words.tokens[at].start as usize;
        if starts < copied || !(words.is_about_roles(at) || words.makes_extension(at)) {
            continue;
        }
        text.push_str(words.text.get(copied..starts)?);
        text.push_str("null");
        copied = words.end(at)?;
    }
    if copied == 0 {
        return None;
    }
    text.push_str(words.text.get(copied..)?);
    let mut node = node.clone();
    if let NodeEnum::DoStmt(block) = &mut node {
        for argument in &mut block.args {
            if let Some(NodeEnum::DefElem(option)) = &mut argument.node
                && option.defname == "as"
            {
                let body = NodeEnum::String(pg_query::protobuf::String { sval: text.clone() });
                option.arg = Some(Box::new(Node { node: Some(body) }));
            }
        }
    }
    Some(node)
}

/// Roles that a DO block makes where they are missing (`IF NOT EXISTS … CREATE ROLE x`): when they are there
/// already, the block has nothing to do that would need rights.
pub(crate) fn roles_in_block(node: &NodeEnum) -> Vec<String> {
    let Some(words) = Words::of(node) else { return Vec::new() };
    (0..words.tokens.len())
        .filter(|&at| words.is(at, &["create"]) && words.is_about_roles(at))
        .map(|at| words.word(at + 2))
        .filter_map(|w| match w.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
            Some(quoted) => Some(quoted.replace("\"\"", "\"")),
            None => {
                w.starts_with(|c: char| c.is_alphabetic() || c == '_').then(|| w.to_lowercase())
            }
        })
        .collect()
}

/// Extensions that a DO block makes, each as the block says it.
pub(crate) fn extensions_in_block(node: &NodeEnum) -> Vec<CreateExtensionStmt> {
    let Some(words) = Words::of(node) else { return Vec::new() };
    let statement = |at: usize| {
        let sql = words.text.get(words.tokens[at].start as usize..words.end(at)?)?;
        let statement = pg_query::parse(sql, 0).ok()?.protobuf.stmts.pop()?.stmt?;
        match statement.node? {
            NodeEnum::CreateExtensionStmt(create) => Some(create),
            _ => None,
        }
    };
    (0..words.tokens.len()).filter(|&at| words.makes_extension(at)).filter_map(statement).collect()
}
