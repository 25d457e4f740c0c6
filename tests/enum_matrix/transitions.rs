//! The changes to the type.

/// What becomes of values of the label that may go.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Gone {
    /// No row has it.
    Unused,
    /// It stays.
    Stays,
    Becomes(&'static str),
    Null,
}

/// What PostgreSQL must not do to get there.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cost {
    /// Everything is the very same object afterwards.
    NothingIsMade,
    /// No table is written anew, but for what is computed from a changed expression.
    NoTableIsWritten,
    /// Each table at most once.
    Rebuild,
}

#[derive(Clone, Debug)]
pub struct Transition {
    pub name: String,
    pub before: Vec<&'static str>,
    pub after: Vec<&'static str>,
    /// Old label → new label.
    pub renamed: Option<(&'static str, &'static str)>,
    /// The label that expressions use afterwards.
    pub added: Option<&'static str>,
    pub gone: Gone,
    pub type_renamed: bool,
    pub moved: bool,
    pub atomic: bool,
    pub cost: Cost,
}

const BEFORE: [&str; 4] = ["new", "open", "gone", "done"];

fn transition(name: &str, after: &[&'static str], cost: Cost) -> Transition {
    Transition {
        name: name.into(),
        before: BEFORE.to_vec(),
        after: after.to_vec(),
        renamed: None,
        added: None,
        gone: Gone::Stays,
        type_renamed: false,
        moved: false,
        atomic: false,
        cost,
    }
}

pub fn all() -> Vec<Transition> {
    use Cost::{NoTableIsWritten, NothingIsMade, Rebuild};
    let less = ["new", "open", "done"];
    let more = ["new", "extra", "open", "gone", "done"];
    let mixed = ["new", "extra", "opened", "done"];
    vec![
        Transition { gone: Gone::Unused, ..transition("remove_unused", &less, Rebuild) },
        Transition { gone: Gone::Becomes("done"), ..transition("remove_mapped", &less, Rebuild) },
        Transition { gone: Gone::Null, ..transition("remove_to_null", &less, Rebuild) },
        transition("reorder", &["done", "gone", "new", "open"], Rebuild),
        transition("add", &more, NothingIsMade),
        Transition { added: Some("extra"), ..transition("add_and_use", &more, NoTableIsWritten) },
        Transition {
            added: Some("extra"),
            atomic: true,
            ..transition("add_and_use_atomic", &more, Rebuild)
        },
        Transition {
            renamed: Some(("new", "fresh")),
            ..transition("rename_label", &["fresh", "open", "gone", "done"], NothingIsMade)
        },
        Transition { type_renamed: true, ..transition("rename_type", &BEFORE, NothingIsMade) },
        Transition { moved: true, ..transition("move", &BEFORE, NothingIsMade) },
        Transition {
            gone: Gone::Becomes("done"),
            added: Some("extra"),
            renamed: Some(("open", "opened")),
            ..transition("mixed", &mixed, Rebuild)
        },
        Transition {
            gone: Gone::Becomes("done"),
            added: Some("extra"),
            renamed: Some(("open", "opened")),
            type_renamed: true,
            moved: true,
            ..transition("mixed_and_moved", &mixed, Rebuild)
        },
    ]
}

impl Transition {
    /// A label under its new name.
    pub fn now<'a>(&self, label: &'a str) -> &'a str {
        match self.renamed {
            Some((old, new)) if old == label => new,
            _ => label,
        }
    }

    /// `(schema, type)` before and after; `home` is the schema of the dependent.
    pub fn types(&self, home: &str) -> [(String, String); 2] {
        let schema = if self.moved { format!("{home}_moved") } else { home.to_owned() };
        let name = if self.type_renamed { "state" } else { "e" };
        [(home.to_owned(), "e".into()), (schema, name.into())]
    }

    /// What the user says on the command line, there and back.
    pub fn flags(&self, home: &str) -> [Vec<String>; 2] {
        let [(a, b), (c, d)] = self.types(home);
        let (old, new) = (format!("{a}.{b}"), format!("{c}.{d}"));
        let mut flags = [Vec::new(), Vec::new()];
        let mut say =
            |way: usize, flag: &str, text: String| flags[way].extend([flag.to_owned(), text]);
        if old != new {
            say(0, "--rename", format!("type:{old}={new}"));
            say(1, "--rename", format!("type:{new}={old}"));
        }
        if let Some((from, to)) = self.renamed {
            say(0, "--rename", format!("label:{old}:{from}={to}"));
            say(1, "--rename", format!("label:{new}:{to}={from}"));
        }
        match self.gone {
            Gone::Becomes(label) => say(0, "--map-label", format!("{old}:gone={label}")),
            Gone::Null => say(0, "--map-label", format!("{old}:gone=NULL")),
            Gone::Unused | Gone::Stays => {}
        }
        flags
    }
}
