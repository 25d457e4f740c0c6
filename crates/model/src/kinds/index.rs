//! Indexes that no constraint owns. Manual: CREATE INDEX, ALTER INDEX.

use serde::{Deserialize, Serialize};

use super::{
    backing::{Backing, duplicates},
    index_partition_of::{dropped, name, outlives, untied},
    spell,
};
use crate::{
    Alter, Context, Definition, Disturbance, HazardKind, How, Kind, Lock, ObjectId, Only,
    ReadError, Replace, Row, Side, Slot, Step, Survival, Verb, quote,
};

/// A member of its table or materialised view.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Index {
    pub unique: bool,
    pub nulls_not_distinct: bool,
    /// Access method: `btree`, `gin`, …
    pub method: String,
    /// As they stand in CREATE INDEX: `a`, `lower(b) text_pattern_ops DESC`.
    pub keys: Vec<String>,
    pub include: Vec<String>,
    pub predicate: Option<String>,
    /// `2=500`: the statistics target of the second key.
    pub statistics: Vec<String>,
    /// On a partitioned table: the pieces are indexes of their own.
    pub partitioned: bool,
    /// False for what CREATE INDEX CONCURRENTLY left behind.
    pub valid: bool,
    pub backing: Backing,
}

impl Definition for Index {
    const QUERY: &'static str = include_str!("index.sql");
    const CATALOG: &'static str = "pg_class";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = ObjectId::member(Kind::Index, &row.object()?, &row.text()?);
        let (unique, nulls_not_distinct, method) = (row.flag()?, row.flag()?, row.text()?);
        let keys = row.texts()?;
        let statement = row.opt_text()?;
        let include = row.texts()?;
        let predicate = row.opt_text()?;
        let (options, tablespace, statistics) = (row.texts()?, row.opt_text()?, row.texts()?);
        let index = Self {
            unique,
            nulls_not_distinct,
            method,
            keys: statement.map_or(keys, |statement| keys_of(&statement)),
            include,
            predicate,
            statistics,
            partitioned: row.flag()?,
            valid: row.flag()?,
            backing: Backing {
                options,
                tablespace,
                clustered: row.flag()?,
                replica_identity: row.flag()?,
            },
        };
        Ok((id, index))
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(table) = id.parent() else { return Vec::new() };
        let mut step = Step::create(id, self.statement(id, table, self.is_pieced(table, cx)))
            .lock(Lock::Share, table)
            .undo(format!("DROP INDEX {}", name(id)));
        // a partitioned one holds nothing itself
        if !self.partitioned {
            step = step
                .hazard(HazardKind::BuildsIndex, format!("{} is indexed", table.sql()))
                .hazard(HazardKind::BlocksWrites, format!("{} is locked meanwhile", table.sql()));
        }
        let columns = cx.uses(Side::To, id).iter().map(|edge| &edge.used);
        let columns = columns.filter(|used| used.kind() == Kind::Column);
        if self.unique && !self.partitioned && cx.from.contains(table) {
            let keys: Option<Vec<String>> = self.keys.iter().map(|key| bare(key)).collect();
            if let Some(keys) = keys {
                let predicate = self.predicate.as_deref();
                step =
                    duplicates(step, table, columns, &keys, predicate, self.nulls_not_distinct, cx);
            }
        }
        if self.partitioned {
            // Only what is attached later brings an index of its own.
            step = step.needs(super::family::links(cx, table));
        }
        let mut steps = vec![untied(step, id, cx)];
        steps.extend(self.statistics.iter().map(|target| statistics(id, target)));
        steps.extend(self.backing.roles(id, cx));
        steps
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let Some(table) = id.parent() else { return Vec::new() };
        let step =
            Step::drop(id, format!("DROP INDEX {}", name(id))).lock(Lock::AccessExclusive, table);
        vec![dropped(step, id, cx).with(table)]
    }

    fn alter(&self, id: &ObjectId, to: &Self, cx: &Context) -> Alter {
        let Self {
            unique,
            nulls_not_distinct,
            method,
            keys,
            include,
            predicate,
            statistics: targets,
            partitioned,
            valid,
            backing,
        } = self;
        let same = *unique == to.unique
            && *nulls_not_distinct == to.nulls_not_distinct
            && *method == to.method
            && *keys == to.keys
            && *include == to.include
            && *predicate == to.predicate
            && *partitioned == to.partitioned
            && !(*partitioned && to.backing.is_set_anew(backing))
            && (*valid || !to.valid);
        if !same {
            return Alter::Replace(Replace::DropCreate);
        }
        let mut steps = to.backing.changes(id, backing, cx);
        let column = |target: &String| target.split('=').next().unwrap_or_default().to_owned();
        let gone =
            targets.iter().filter(|old| to.statistics.iter().all(|n| column(n) != column(old)));
        steps.extend(gone.map(|old| statistics(id, &format!("{}=-1", column(old)))));
        let new = to.statistics.iter().filter(|target| !targets.contains(target));
        steps.extend(new.map(|target| statistics(id, target)));
        Alter::InPlace(steps)
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, cx: &Context) -> Survival {
        // ALTER COLUMN TYPE rebuilds the indexes of the table by itself.
        match what.how == How::Altered || outlives(id, &what.object, cx) {
            true => Survival::Keep,
            false => Survival::Replace,
        }
    }

    fn canonical(&mut self) {
        self.backing.options.sort();
    }

    fn adopt(&mut self, current: &Self, _only: &Only) {
        self.backing.adopt(&current.backing);
        if self.statistics.is_empty() {
            self.statistics.clone_from(&current.statistics);
        }
    }

    fn interchangeable(&self) -> bool {
        true
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        if id.base() == to.base() {
            return Vec::new();
        }
        let sql = |old: &ObjectId, new: &ObjectId| {
            let old = quote::qualified(to.schema().unwrap_or_default(), old.base());
            format!("ALTER INDEX {old} RENAME TO {}", new.base_sql())
        };
        vec![
            Step::new(Verb::Rename, to, sql(id, to))
                .lock(Lock::ShareUpdateExclusive, to.parent().unwrap_or(to))
                .undo(sql(to, id)),
        ]
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_class", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        self.keys.iter_mut().chain(&mut self.include).chain(&mut self.predicate).collect()
    }
}

impl Index {
    /// Whether partitions bring indexes of their own. Where the desired state says nothing of partitions, those that
    /// are there get theirs from the parent's.
    fn is_pieced(&self, table: &ObjectId, cx: &Context) -> bool {
        self.partitioned && !super::family::children(cx, Side::To, table).is_empty()
    }

    fn statement(&self, id: &ObjectId, table: &ObjectId, only: bool) -> String {
        let unique = if self.unique { "UNIQUE " } else { "" };
        let only = if only { "ONLY " } else { "" };
        let using = match self.method.as_str() {
            "btree" => String::new(),
            method => format!(" USING {}", quote::ident(method)),
        };
        let mut sql = format!(
            "CREATE {unique}INDEX {} ON {only}{}{using} ({})",
            id.base_sql(),
            table.sql(),
            self.keys.join(", ")
        );
        if !self.include.is_empty() {
            sql += &format!(" INCLUDE ({})", self.include.join(", "));
        }
        if self.nulls_not_distinct {
            sql += " NULLS NOT DISTINCT";
        }
        sql += &self.backing.with();
        sql += &self.backing.tablespace("");
        if let Some(predicate) = &self.predicate {
            sql += &format!(" WHERE {}", spell::parens(predicate));
        }
        sql
    }
}

fn statistics(id: &ObjectId, target: &str) -> Step {
    let (column, value) = target.split_once('=').unwrap_or((target, "-1"));
    let sql = format!("ALTER INDEX {} ALTER COLUMN {column} SET STATISTICS {value}", name(id));
    Step::alter(id, sql).lock(Lock::ShareUpdateExclusive, id.parent().unwrap_or(id))
}

/// The keys in a whole CREATE INDEX as `pg_get_indexdef` spells it.
fn keys_of(statement: &str) -> Vec<String> {
    spell::clause(statement, "using")
        .map(|(_, range)| spell::split_list(&statement[range.start + 1..range.end - 1]))
        .unwrap_or_default()
}

/// A key without ordering, operator class and collation; `None` where that cannot be told for sure.
fn bare(key: &str) -> Option<String> {
    let key = key.strip_suffix(" NULLS FIRST").or(key.strip_suffix(" NULLS LAST")).unwrap_or(key);
    let key = key.strip_suffix(" DESC").unwrap_or(key);
    let one = crate::tokens::tokenize(key);
    let name = matches!(one.as_slice(), [one] if one.is_identifier());
    (name || spell::is_wrapped(key) || spell::is_call(key)).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_cut_out_of_the_statement() {
        let statement = "CREATE INDEX i2 ON public.\"using (\" USING btree (lower((a)::text) text_pattern_ops, \
                         b COLLATE \"POSIX\" DESC NULLS LAST) INCLUDE (n) WHERE (n > (3)::numeric)";
        assert_eq!(
            keys_of(statement),
            ["lower((a)::text) text_pattern_ops", "b COLLATE \"POSIX\" DESC NULLS LAST"]
        );
    }

    #[test]
    fn keys_lose_their_ordering() {
        for (key, value) in [
            ("a", Some("a")),
            ("\"A b\" DESC NULLS LAST", Some("\"A b\"")),
            ("lower(a) DESC", Some("lower(a)")),
            ("public.f(a, (b + 1))", Some("public.f(a, (b + 1))")),
            ("((a + b))", Some("((a + b))")),
            ("lower(a) text_pattern_ops", None),
            ("a public.gin_trgm_ops (siglen='16')", None),
            ("lower(a) gist_trgm_ops (siglen='16')", None),
        ] {
            assert_eq!(bare(key).as_deref(), value, "{key}");
        }
    }
}
