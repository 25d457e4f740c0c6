//! Aggregate functions, the ordered-set and hypothetical-set ones included. Manual: CREATE AGGREGATE; 38.12
//! User-Defined Aggregates.

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, HazardKind, Kind, Name, ObjectId, ReadError, Replace, Row, Slot,
    Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Aggregate {
    /// As CREATE AGGREGATE takes them: `integer`, `*`, `double precision ORDER BY anyelement`.
    pub arguments: String,
    /// The type of the result, which follows from the functions.
    pub returns: String,
    pub form: Form,
    /// In boxes: an aggregate would be more than twice as large as any other object.
    pub state: Box<State>,
    /// How it is computed over a moving window frame.
    pub moving: Option<Box<State>>,
    /// Qualified where it is not of the system, as all names of functions here.
    pub combine: Option<String>,
    pub serialize: Option<String>,
    pub deserialize: Option<String>,
    /// `OPERATOR(schema.<)`.
    pub sort_operator: Option<String>,
    pub parallel: Parallel,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    Ordinary,
    OrderedSet,
    HypotheticalSet,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parallel {
    Unsafe,
    Restricted,
    Safe,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct State {
    pub transition: String,
    /// Of moving states alone.
    pub inverse: Option<String>,
    pub type_name: String,
    /// Bytes; 0 for the default.
    pub space: i64,
    pub finish: Option<String>,
    pub finish_extra: bool,
    /// `READ_ONLY`, `SHAREABLE` or `READ_WRITE`, where that is not the default.
    pub finish_modify: Option<String>,
    pub initial: Option<String>,
}

impl Definition for Aggregate {
    const QUERY: &'static str = include_str!("aggregate.sql");
    const CATALOG: &'static str = "pg_proc";
    const ANY: Option<&'static str> = Some("pg_aggregate where aggfnoid >= 16384");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let (schema, name, inputs) = (row.text()?, row.text()?, row.text()?);
        let id = ObjectId::routine(Kind::Aggregate, &schema, &name, &inputs);
        let (arguments, returns) = (row.text()?, row.text()?);
        let form = Form::parse(&row.text()?)?;
        let state = State::read(row, form)?
            .ok_or(ReadError::Value { what: "aggtransfn", value: String::new() })?;
        Ok((
            id,
            Self {
                arguments,
                returns,
                form,
                state: Box::new(state),
                moving: State::read(row, form)?.map(Box::new),
                combine: row.opt_text()?,
                serialize: row.opt_text()?,
                deserialize: row.opt_text()?,
                sort_operator: row.opt_text()?,
                parallel: Parallel::parse(&row.text()?)?,
            },
        ))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let undo = format!("DROP AGGREGATE {}", id.sql());
        vec![Step::create(id, self.sql("CREATE", id)).undo(undo)]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let step = Step::drop(id, format!("DROP AGGREGATE {}", id.sql()));
        vec![if cx.goes(id) {
            step.hazard(HazardKind::BreaksClients, format!("calls of {} fail", id.sql()))
        } else {
            step
        }]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        // OR REPLACE keeps what is seen from outside (AggregateCreate in pg_aggregate.c).
        let same = self.arguments == to.arguments && self.returns == to.returns;
        if !same || self.form != to.form {
            return Alter::Replace(Replace::DropCreate);
        }
        Alter::InPlace(vec![Step::alter(id, to.sql("CREATE OR REPLACE", id))])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("AGGREGATE", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        let arguments = match id.name() {
            Name::Routine { args, .. } if args.as_ref() != "*" => args,
            _ => "",
        };
        let schema = id.schema().unwrap_or_default();
        vec![Slot { space: "pg_proc", name: format!("{schema}\0{}\0{arguments}", id.base()) }]
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self {
            arguments,
            returns,
            form: _,
            state,
            moving,
            combine,
            serialize,
            deserialize,
            sort_operator,
            parallel: _,
        } = self;
        let functions = [combine, serialize, deserialize, sort_operator].into_iter().flatten();
        let states = std::iter::once(state).chain(moving).flat_map(|state| state.texts_mut());
        [arguments, returns].into_iter().chain(functions).chain(states).collect()
    }
}

impl Aggregate {
    fn sql(&self, verb: &str, id: &ObjectId) -> String {
        let name = quote::qualified(id.schema().unwrap_or_default(), id.base());
        let mut said = self.state.sql("");
        let pair = |word: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!("{word} = {value}"))
        };
        said.extend(pair("COMBINEFUNC", &self.combine));
        said.extend(pair("SERIALFUNC", &self.serialize));
        said.extend(pair("DESERIALFUNC", &self.deserialize));
        said.extend(self.moving.iter().flat_map(|state| state.sql("M")));
        said.extend(pair("SORTOP", &self.sort_operator));
        match self.parallel {
            Parallel::Unsafe => {}
            Parallel::Restricted => said.push("PARALLEL = RESTRICTED".to_owned()),
            Parallel::Safe => said.push("PARALLEL = SAFE".to_owned()),
        }
        if self.form == Form::HypotheticalSet {
            said.push("HYPOTHETICAL".to_owned());
        }
        format!("{verb} AGGREGATE {name}({}) (\n    {}\n)", self.arguments, said.join(",\n    "))
    }
}

impl State {
    /// Eight columns; `None` where there is no transition function.
    fn read(row: &mut dyn Row, form: Form) -> Result<Option<Self>, ReadError> {
        let (transition, inverse, type_name) = (row.opt_text()?, row.opt_text()?, row.opt_text()?);
        let space = row.int()?;
        let (finish, finish_extra, modify) = (row.opt_text()?, row.flag()?, row.text()?);
        let initial = row.opt_text()?;
        let finish_modify = match (modify.as_str(), form) {
            ("r", Form::Ordinary) => None,
            ("w", Form::OrderedSet | Form::HypotheticalSet) => None,
            ("r", _) => Some("READ_ONLY".to_owned()),
            ("s", _) => Some("SHAREABLE".to_owned()),
            _ => Some("READ_WRITE".to_owned()),
        };
        let (Some(transition), Some(type_name)) = (transition, type_name) else { return Ok(None) };
        Ok(Some(Self {
            transition,
            inverse,
            type_name,
            space,
            finish,
            finish_extra,
            finish_modify,
            initial,
        }))
    }

    /// The parameters, each word with a prefix.
    fn sql(&self, prefix: &str) -> Vec<String> {
        let Self {
            transition,
            inverse,
            type_name,
            space,
            finish,
            finish_extra,
            finish_modify,
            initial,
        } = self;
        let mut said =
            vec![format!("{prefix}SFUNC = {transition}"), format!("{prefix}STYPE = {type_name}")];
        said.extend(inverse.iter().map(|name| format!("{prefix}INVFUNC = {name}")));
        if *space != 0 {
            said.push(format!("{prefix}SSPACE = {space}"));
        }
        said.extend(finish.iter().map(|name| format!("{prefix}FINALFUNC = {name}")));
        if *finish_extra {
            said.push(format!("{prefix}FINALFUNC_EXTRA"));
        }
        said.extend(finish_modify.iter().map(|word| format!("{prefix}FINALFUNC_MODIFY = {word}")));
        said.extend(
            initial.iter().map(|value| format!("{prefix}INITCOND = {}", quote::literal(value))),
        );
        said
    }

    fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let Self {
            transition,
            inverse,
            type_name,
            space: _,
            finish,
            finish_extra: _,
            finish_modify: _,
            initial: _,
        } = self;
        [transition, type_name].into_iter().chain(inverse).chain(finish)
    }
}

impl Form {
    fn parse(code: &str) -> Result<Self, ReadError> {
        match code {
            "n" => Ok(Self::Ordinary),
            "o" => Ok(Self::OrderedSet),
            "h" => Ok(Self::HypotheticalSet),
            other => Err(ReadError::Value { what: "aggkind", value: other.to_owned() }),
        }
    }
}

impl Parallel {
    fn parse(code: &str) -> Result<Self, ReadError> {
        match code {
            "u" => Ok(Self::Unsafe),
            "r" => Ok(Self::Restricted),
            "s" => Ok(Self::Safe),
            other => Err(ReadError::Value { what: "proparallel", value: other.to_owned() }),
        }
    }
}
