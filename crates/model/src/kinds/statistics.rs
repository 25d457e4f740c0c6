//! Extended statistics. Manual: CREATE STATISTICS, ALTER STATISTICS; 14.2 Statistics Used by the Planner.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Disturbance, How, Kind, Lock, ObjectId, ReadError, Replace, Row,
    Slot, Step, Survival, Verb, quote, tokens,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Statistics {
    /// The table, materialized view or foreign table.
    pub relation: ObjectId,
    /// Empty where the server chooses: all kinds, or only an expression's own.
    pub kinds: Vec<StatisticsKind>,
    /// In the order of the table's columns, which is not compared.
    pub columns: Vec<ObjectId>,
    /// As CREATE STATISTICS takes them, in parentheses where they need them.
    pub expressions: Vec<String>,
    /// `None` for the default.
    pub target: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatisticsKind {
    Ndistinct,
    Dependencies,
    Mcv,
}

impl Definition for Statistics {
    const QUERY: &'static str = include_str!("statistics.sql");
    const CATALOG: &'static str = "pg_statistic_ext";
    const ANY: Option<&'static str> = Some("pg_statistic_ext where oid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (schema, name) = (row.text()?, row.text()?);
        let relation = row.object()?;
        let kinds = row.texts()?.iter().filter_map(|code| StatisticsKind::parse(code)).collect();
        let columns: Vec<ObjectId> = row
            .texts()?
            .iter()
            .map(|column| ObjectId::member(Kind::Column, &relation, column))
            .collect();
        let expressions = row.texts()?;
        let listed = row.text()?;
        let target = row.opt_int()?.filter(|target| *target >= 0);
        let expressions = spelled(expressions, &columns, &listed);
        let statistics = Self { relation, kinds, columns, expressions, target };
        Ok((ObjectId::qualified(Kind::Statistics, &schema, &name), statistics.shortened()))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.sql()).collect();
        let kinds =
            if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        let columns = self.columns.iter().map(ObjectId::base_sql);
        let list: Vec<String> = columns.chain(self.expressions.iter().cloned()).collect();
        let sql = format!(
            "CREATE STATISTICS {}{kinds} ON {} FROM {}",
            id.sql(),
            list.join(", "),
            self.relation.sql()
        );
        let undo = format!("DROP STATISTICS {}", id.sql());
        let mut steps =
            vec![Step::create(id, sql).lock(Lock::ShareUpdateExclusive, &self.relation).undo(undo)];
        if self.target.is_some() {
            steps.push(self.set_target(Verb::Create, id));
        }
        steps
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let step = Step::drop(id, format!("DROP STATISTICS {}", id.sql()));
        vec![step.lock(Lock::ShareUpdateExclusive, &self.relation).with(&self.relation)]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        if (Self { target: to.target, ..self.clone() }) == *to {
            return Alter::InPlace(vec![to.set_target(Verb::Alter, id)]);
        }
        Alter::Replace(Replace::DropCreate)
    }

    fn survive(&self, id: &ObjectId, what: &Disturbance, _cx: &Context) -> Survival {
        match what.how {
            // ALTER COLUMN TYPE makes them anew, and forgets the target (RememberStatisticsForRebuilding in
            // tablecmds.c).
            How::Altered if self.target.is_some() => {
                Survival::Follow(vec![self.set_target(Verb::Alter, id)])
            }
            How::Altered => Survival::Keep,
            How::Replaced | How::Aside(_) => Survival::Replace,
        }
    }

    fn canonical(&mut self) {
        self.columns.sort();
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("STATISTICS", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        vec![Slot::new("pg_statistic_ext", id)]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        self.expressions.iter_mut().collect()
    }

    fn ids_mut(&mut self) -> Vec<&mut ObjectId> {
        std::iter::once(&mut self.relation).chain(&mut self.columns).collect()
    }
}

impl Statistics {
    /// Leaves out the kinds that the server takes by itself.
    fn shortened(mut self) -> Self {
        if self.kinds.len() == 3 {
            self.kinds.clear();
        }
        self
    }

    fn set_target(&self, verb: Verb, id: &ObjectId) -> Step {
        let target = self.target.unwrap_or(-1);
        let sql = format!("ALTER STATISTICS {} SET STATISTICS {target}", id.sql());
        Step::new(verb, id, sql).lock(Lock::ShareUpdateExclusive, &self.relation)
    }
}

impl StatisticsKind {
    fn parse(code: &str) -> Option<Self> {
        match code {
            "d" => Some(Self::Ndistinct),
            "f" => Some(Self::Dependencies),
            "m" => Some(Self::Mcv),
            // 'e', the statistics of the expressions themselves, always comes with them.
            _ => None,
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Ndistinct => "ndistinct",
            Self::Dependencies => "dependencies",
            Self::Mcv => "mcv",
        }
    }
}

/// Expressions as they stand in the list: only the server knows which of them look like a function call and
/// need no parentheses.
fn spelled(expressions: Vec<String>, columns: &[ObjectId], listed: &str) -> Vec<String> {
    let names: Vec<String> = columns.iter().map(|column| quote::ident(column.base())).collect();
    let mut rest = listed.strip_prefix(&names.join(", ")).unwrap_or_default();
    let mut found = Vec::new();
    for expression in expressions {
        rest = rest.strip_prefix(", ").unwrap_or(rest);
        match rest.strip_prefix(expression.as_str()) {
            Some(tail) => {
                rest = tail;
                found.push(expression);
            }
            None => {
                let wrapped = format!("({expression})");
                rest = rest.strip_prefix(wrapped.as_str()).unwrap_or_default();
                found.push(tokens::parenthesised(&expression));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_parentheses_where_the_server_puts_them() {
        let table = ObjectId::qualified(Kind::Table, "public", "t");
        let columns = [ObjectId::member(Kind::Column, &table, "B")];
        let texts = ["(a + b)", "lower(c)", "a IS NULL"].map(str::to_owned).into_iter().collect();
        let listed = "\"B\", (a + b), lower(c), (a IS NULL)";
        assert_eq!(spelled(texts, &columns, listed), ["(a + b)", "lower(c)", "(a IS NULL)"]);
    }
}
