//! Procedures. Manual: CREATE PROCEDURE, ALTER PROCEDURE; 38.4 User-Defined Procedures.

use serde::{Deserialize, Serialize};

use super::routine::{self, Body, Mode, Parameter, Setting};
use crate::{
    Alter, Context, Definition, Dependency, HazardKind, Kind, ObjectId, ReadError, Replace, Row,
    Side, Slot, Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Procedure {
    pub parameters: Vec<Parameter>,
    pub language: String,
    pub security_definer: bool,
    pub settings: Vec<Setting>,
    /// Types of TRANSFORM FOR TYPE.
    pub transforms: Vec<String>,
    pub body: Body,
}

impl Definition for Procedure {
    const QUERY: &'static str = include_str!("procedure.sql");
    const CATALOG: &'static str = "pg_proc";
    const ANY: Option<&'static str> = Some("pg_proc where oid >= 16384 and prokind = 'p'");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let id = routine::read_id(Kind::Procedure, row)?;
        let parameters = routine::read_parameters(row)?;
        let (language, security_definer) = (row.text()?, row.flag()?);
        let settings = routine::read_settings(row)?;
        let transforms = row.texts()?;
        let body = routine::read_body(&language, row)?;
        Ok((id, Self { parameters, language, security_definer, settings, transforms, body }))
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
            self.step(Step::create(id, self.sql("CREATE PROCEDURE", id)))
                .undo(format!("DROP PROCEDURE {}", self.signature(id))),
        ]
    }

    fn drop(&self, id: &ObjectId, cx: &Context) -> Vec<Step> {
        let step = Step::drop(id, format!("DROP PROCEDURE {}", self.signature(id)));
        vec![if cx.goes(id) {
            step.hazard(HazardKind::BreaksClients, format!("calls of {} fail", id.sql()))
        } else {
            step
        }]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { parameters, language, security_definer, settings, transforms, body } = self;
        let Self {
            parameters: new_parameters,
            language: new_language,
            security_definer: new_security_definer,
            settings: new_settings,
            transforms: new_transforms,
            body: new_body,
        } = to;
        if !routine::replaceable(parameters, new_parameters) {
            return Alter::Replace(Replace::DropCreate);
        }
        let same_text = (parameters, language, transforms, body)
            == (new_parameters, new_language, new_transforms, new_body);
        let step = match routine::setting_changes(settings, new_settings) {
            Some(settings) if same_text => {
                let mut actions = Vec::new();
                if security_definer != new_security_definer {
                    let who = if *new_security_definer { "DEFINER" } else { "INVOKER" };
                    actions.push(format!("SECURITY {who}"));
                }
                actions.extend(settings);
                if actions.is_empty() {
                    return Alter::InPlace(Vec::new());
                }
                let signature = self.signature(id);
                Step::alter(id, format!("ALTER PROCEDURE {signature} {}", actions.join(" ")))
            }
            _ => to.step(Step::alter(id, to.sql("CREATE OR REPLACE PROCEDURE", id))),
        };
        let loosens = *new_security_definer && !security_definer;
        Alter::InPlace(vec![if loosens { routine::runs_as_owner(step, id) } else { step }])
    }

    fn placeholder(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
        let parameters = self.parameters.iter().map(Parameter::without_default).collect();
        let stand_in = self.stand_in(parameters).sql("CREATE PROCEDURE", id);
        let needs = self.stand_in_needs(id, cx, Side::To);
        Some(vec![
            Step::create(id, stand_in).without_edges().needs(needs),
            self.step(Step::create(id, self.sql("CREATE OR REPLACE PROCEDURE", id))),
        ])
    }

    /// Only a parsed body holds on to anything. Defaults cannot be taken away, and stay.
    fn dismantle(&self, id: &ObjectId, cx: &Context) -> Option<Vec<Step>> {
        let stand_in = self.stand_in(self.parameters.clone());
        let sql = stand_in.sql("CREATE OR REPLACE PROCEDURE", id);
        let parsed = matches!(self.body, Body::Parsed(_));
        let needs = self.stand_in_needs(id, cx, Side::From);
        parsed.then(|| vec![Step::alter(id, sql).releases(needs)])
    }

    fn rename(&self, id: &ObjectId, to: &ObjectId) -> Vec<Step> {
        super::rename_or_move("PROCEDURE", id, to)
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
        let Self { parameters, language: _, security_definer: _, settings: _, transforms, body } =
            self;
        let texts = parameters.iter_mut().flat_map(Parameter::texts_mut);
        texts.chain(transforms).chain(body.text_mut()).collect()
    }
}

impl Procedure {
    fn step(&self, step: Step) -> Step {
        step.literals(routine::literals(&self.language, &self.parameters, &self.body))
    }

    /// A procedure with the same signature that uses nothing but its types.
    fn stand_in(&self, parameters: Vec<Parameter>) -> Self {
        Self {
            parameters,
            language: "sql".to_owned(),
            security_definer: self.security_definer,
            settings: Vec::new(),
            transforms: Vec::new(),
            body: Body::stand_in(),
        }
    }

    fn stand_in_needs(&self, id: &ObjectId, cx: &Context, side: Side) -> Vec<ObjectId> {
        let types = self.parameters.iter().map(|p| p.type_name.as_str());
        super::signature_needs(cx, side, id, types)
    }

    /// Name and all parameters with their modes: input types alone may be ambiguous where another procedure takes
    /// what this one gives out.
    fn signature(&self, id: &ObjectId) -> String {
        if self.parameters.iter().all(|p| p.mode != Mode::Out) {
            return id.sql();
        }
        let parameters: Vec<String> = self.parameters.iter().map(Parameter::identity).collect();
        let name = quote::qualified(id.schema().unwrap_or_default(), id.base());
        format!("{name}({})", parameters.join(", "))
    }

    fn sql(&self, verb: &str, id: &ObjectId) -> String {
        let name = quote::qualified(id.schema().unwrap_or_default(), id.base());
        let mut lines = vec![
            format!("{verb} {name}{}", routine::parameter_list(&self.parameters)),
            format!("LANGUAGE {}", quote::ident(&self.language)),
        ];
        lines.extend(routine::transforms(&self.transforms));
        lines.extend(self.security_definer.then(|| "SECURITY DEFINER".to_owned()));
        lines.extend(self.settings.iter().map(Setting::sql));
        lines.push(self.body.sql());
        lines.join("\n")
    }
}
