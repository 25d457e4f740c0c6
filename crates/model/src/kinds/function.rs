//! Functions and window functions. Manual: CREATE FUNCTION, ALTER FUNCTION; 38.3 User-Defined Functions.

use serde::{Deserialize, Serialize};

use super::routine::{self, Body, Parameter, Setting};
use crate::{
    Alter, Context, Definition, Dependency, HazardKind, Kind, ObjectId, ReadError, Replace, Row,
    Side, Slot, Step,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Function {
    pub parameters: Vec<Parameter>,
    /// As `format_type` spells it; `record` where output parameters or table columns say more.
    pub returns: String,
    pub returns_set: bool,
    pub language: String,
    pub attributes: Box<Attributes>,
    pub settings: Vec<Setting>,
    /// Types of TRANSFORM FOR TYPE.
    pub transforms: Vec<String>,
    pub window: bool,
    pub body: Body,
}

/// What ALTER FUNCTION can set.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Attributes {
    pub volatility: Volatility,
    pub strict: bool,
    pub security_definer: bool,
    pub leakproof: bool,
    pub parallel: Parallel,
    /// As `float4` spells it, where it is not the language's default.
    pub cost: Option<String>,
    /// Where it is not the default (1000 for sets).
    pub rows: Option<String>,
    /// Qualified name of the planner support function.
    pub support: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Volatility {
    Volatile,
    Stable,
    Immutable,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parallel {
    Unsafe,
    Restricted,
    Safe,
}

impl Definition for Function {
    const QUERY: &'static str = include_str!("function.sql");
    const CATALOG: &'static str = "pg_proc";

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = routine::read_id(Kind::Function, row)?;
        let parameters = routine::read_parameters(row)?;
        let (returns, returns_set, language) = (row.text()?, row.flag()?, row.text()?);
        let attributes = Box::new(Attributes::read(row, &language, returns_set)?);
        let settings = routine::read_settings(row)?;
        let (transforms, window) = (row.texts()?, row.flag()?);
        let body = routine::read_body(&language, row)?;
        Ok((
            id,
            Self {
                parameters,
                returns,
                returns_set,
                language,
                attributes,
                settings,
                transforms,
                window,
                body,
            },
        ))
    }

    fn edges(&self, id: &ObjectId) -> Vec<Dependency> {
        routine::transform_edges(id, &self.language, &self.transforms)
    }

    fn create(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        if self.body.calls(id)
            && let Some(steps) = self.placeholder(id, cx)
        {
            return steps;
        }
        vec![
            self.step(Step::create(id, self.sql("CREATE FUNCTION", id)))
                .undo(format!("DROP FUNCTION {}", id.sql())),
        ]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let mut step = Step::drop(id, format!("DROP FUNCTION {}", id.sql()));
        for used in routine::made_of_each_other(cx, id) {
            step = step.with(used);
        }
        vec![if cx.goes(id) {
            step.hazard(HazardKind::BreaksClients, format!("calls of {} fail", id.sql()))
        } else {
            step
        }]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self {
            parameters,
            returns,
            returns_set,
            language,
            attributes,
            settings,
            transforms,
            window,
            body,
        } = self;
        let Self {
            parameters: new_parameters,
            returns: new_returns,
            returns_set: new_returns_set,
            language: new_language,
            attributes: new_attributes,
            settings: new_settings,
            transforms: new_transforms,
            window: new_window,
            body: new_body,
        } = to;
        let same_kind =
            (returns, returns_set, window) == (new_returns, new_returns_set, new_window);
        if !same_kind || !routine::replaceable(parameters, new_parameters) {
            return Alter::Replace(Replace::DropCreate);
        }
        let same_text = (parameters, language, transforms, body)
            == (new_parameters, new_language, new_transforms, new_body);
        let actions = attributes
            .changes(new_attributes, language, *returns_set)
            .zip(routine::setting_changes(settings, new_settings));
        let step = match actions {
            Some((mut actions, settings)) if same_text => {
                actions.extend(settings);
                if actions.is_empty() {
                    return Alter::InPlace(Vec::new());
                }
                Step::alter(id, format!("ALTER FUNCTION {} {}", id.sql(), actions.join(" ")))
            }
            _ => to.step(Step::alter(id, to.sql("CREATE OR REPLACE FUNCTION", id))),
        };
        let loosens = new_attributes.security_definer && !attributes.security_definer;
        Alter::InPlace(vec![if loosens { routine::runs_as_owner(step, id) } else { step }])
    }

    fn placeholder(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
        let stand_in = self.stand_in()?.sql("CREATE FUNCTION", id);
        let needs = self.stand_in_needs(id, cx, Side::To);
        Some(vec![
            Step::create(id, stand_in).without_edges().needs(needs),
            self.step(Step::create(id, self.sql("CREATE OR REPLACE FUNCTION", id))),
        ])
    }

    /// Only a parsed body holds on to anything. Defaults cannot be taken away, and stay.
    fn dismantle(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
        let parameters = self.parameters.clone();
        let stand_in = Self { parameters, ..self.stand_in()? };
        let sql = stand_in.sql("CREATE OR REPLACE FUNCTION", id);
        let parsed = matches!(self.body, Body::Parsed(_));
        let needs = self.stand_in_needs(id, cx, Side::From);
        parsed.then(|| vec![Step::alter(id, sql).releases(needs)])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("FUNCTION", id, to)
    }

    fn slots(&self, id: &ObjectId) -> Vec<Slot> {
        routine::slots(id)
    }

    fn unparsed(&self) -> Option<&str> {
        self.body.unparsed(&self.language)
    }

    /// A body that is kept as text is not among them: the server does not follow renames in it.
    fn untracked(&self) -> Option<&str> {
        self.body.unparsed(&self.language)
    }

    fn texts_mut(&mut self) -> Vec<&mut String> {
        let Self {
            parameters,
            returns,
            returns_set: _,
            language: _,
            attributes,
            settings: _,
            transforms,
            window: _,
            body,
        } = self;
        let texts = parameters.iter_mut().flat_map(Parameter::texts_mut);
        let texts = texts.chain(std::iter::once(returns)).chain(&mut attributes.support);
        texts.chain(transforms).chain(body.text_mut()).collect()
    }
}

impl Function {
    fn step(&self, step: Step) -> Step {
        step.literals(routine::literals(&self.language, &self.parameters, &self.body))
    }

    /// A function with the same signature that uses nothing but its types.
    fn stand_in(&self) -> Option<Self> {
        (!self.window).then(|| Self {
            parameters: self.parameters.iter().map(Parameter::without_default).collect(),
            language: "sql".to_owned(),
            transforms: Vec::new(),
            body: Body::stand_in(),
            settings: Vec::new(),
            attributes: Box::new(Attributes { support: None, ..(*self.attributes).clone() }),
            ..self.clone()
        })
    }

    fn stand_in_needs(&self, id: &ObjectId, cx: &Context, side: Side) -> Vec<ObjectId> {
        let types = self.parameters.iter().map(|p| p.type_name.as_str());
        super::signature_needs(cx, side, id, types.chain([self.returns.as_str()]))
    }

    fn sql(&self, verb: &str, id: &ObjectId) -> String {
        let name = crate::quote::qualified(id.schema().unwrap_or_default(), id.base());
        let head = format!("{verb} {name}{}", routine::parameter_list(&self.parameters));
        let returns = match routine::table_columns(&self.parameters) {
            Some(table) => table,
            None if self.returns_set => format!("SETOF {}", self.returns),
            None => self.returns.clone(),
        };
        let mut lines = vec![
            head,
            format!("RETURNS {returns}"),
            format!("LANGUAGE {}", crate::quote::ident(&self.language)),
        ];
        lines.extend(routine::transforms(&self.transforms));
        let mut words: Vec<String> = self.window.then(|| "WINDOW".to_owned()).into_iter().collect();
        words.extend(self.attributes.words());
        if !words.is_empty() {
            lines.push(words.join(" "));
        }
        lines.extend(self.settings.iter().map(Setting::sql));
        lines.push(self.body.sql());
        lines.join("\n")
    }
}

impl Attributes {
    fn read(row: &mut dyn Row, language: &str, returns_set: bool) -> Result<Self, ReadError> {
        let default_rows = if returns_set { DEFAULT_ROWS } else { "0" };
        Ok(Self {
            volatility: Volatility::parse(&row.text()?)?,
            strict: row.flag()?,
            security_definer: row.flag()?,
            leakproof: row.flag()?,
            parallel: Parallel::parse(&row.text()?)?,
            cost: Some(row.text()?).filter(|cost| cost != default_cost(language)),
            rows: Some(row.text()?).filter(|rows| rows != default_rows),
            support: row.opt_text()?,
        })
    }

    /// What differs from the defaults of CREATE FUNCTION.
    fn words(&self) -> Vec<String> {
        let plain = Self {
            volatility: Volatility::Volatile,
            strict: false,
            security_definer: false,
            leakproof: false,
            parallel: Parallel::Unsafe,
            cost: None,
            rows: None,
            support: None,
        };
        plain.changes(self, "", true).unwrap_or_default()
    }

    /// Actions of ALTER FUNCTION; `None` where it has none (a support function taken away).
    fn changes(&self, to: &Self, language: &str, returns_set: bool) -> Option<Vec<String>> {
        let Self { volatility, strict, security_definer, leakproof, parallel, cost, rows, support } =
            to;
        let mut actions = Vec::new();
        let mut say = |differs: bool, words: &str| {
            if differs {
                actions.push(words.to_owned());
            }
        };
        say(self.volatility != *volatility, volatility.sql());
        let null = if *strict { "STRICT" } else { "CALLED ON NULL INPUT" };
        say(self.strict != *strict, null);
        let security = if *security_definer { "SECURITY DEFINER" } else { "SECURITY INVOKER" };
        say(self.security_definer != *security_definer, security);
        let leak = if *leakproof { "LEAKPROOF" } else { "NOT LEAKPROOF" };
        say(self.leakproof != *leakproof, leak);
        say(self.parallel != *parallel, parallel.sql());
        if self.cost != *cost {
            say(true, &format!("COST {}", cost.as_deref().unwrap_or(default_cost(language))));
        }
        if self.rows != *rows && returns_set {
            say(true, &format!("ROWS {}", rows.as_deref().unwrap_or(DEFAULT_ROWS)));
        }
        if self.support != *support {
            say(true, &format!("SUPPORT {}", support.as_ref()?));
        }
        Some(actions)
    }
}

/// Of a function that returns a set.
const DEFAULT_ROWS: &str = "1000";

fn default_cost(language: &str) -> &'static str {
    if matches!(language, "c" | "internal") { "1" } else { "100" }
}

impl Volatility {
    fn parse(code: &str) -> Result<Self, ReadError> {
        match code {
            "v" => Ok(Self::Volatile),
            "s" => Ok(Self::Stable),
            "i" => Ok(Self::Immutable),
            other => Err(ReadError::Value { what: "provolatile", value: other.to_owned() }),
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Volatile => "VOLATILE",
            Self::Stable => "STABLE",
            Self::Immutable => "IMMUTABLE",
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

    fn sql(self) -> &'static str {
        match self {
            Self::Unsafe => "PARALLEL UNSAFE",
            Self::Restricted => "PARALLEL RESTRICTED",
            Self::Safe => "PARALLEL SAFE",
        }
    }
}
