//! Cuts the order into the fewest transactions and writes it down as a plan.

// Long because what a group holds and how a step is written down depend on each other: which names are in force.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashSet},
};

use ordain_model::{
    BodyDiff, Boundary, Catalog, Change, Context, Fold, Group, Hazard, HazardKind, Lock, Name,
    ObjectId, PlanStep, Precheck, Side, Step, StepLock, Undo, Verb, fingerprint, settled::settled,
};

use crate::{
    Request,
    answerable::Unborn,
    between::with_edges,
    graph::{Node, Part},
    order::{Ordered, Statement},
    relabel::relabel,
    rename::Renames,
};

/// The groups of the plan, empty when there is nothing to do, and the states between them.
pub fn group(
    ordered: Ordered,
    changes: &[Change],
    renames: &Renames,
    untracked: BTreeMap<ObjectId, Vec<Hazard>>,
    request: &Request,
    cx: &Context,
) -> (Vec<Group>, Vec<Catalog>) {
    let first = first_group(&ordered);
    let unborn = Unborn::new(&ordered.graph, changes, cx);
    let current = request.from;
    let writer = Writer { ordered: &ordered, changes, renames, cx, current, unborn };
    let mut groups: Vec<Draft> = Vec::new();
    if !first.is_empty() {
        groups.push(Draft { statements: first.iter().copied().collect(), ..Draft::default() });
    }
    let mut last = Draft { renames: true, ..Draft::default() };
    for position in 0..ordered.statements.len() {
        if first.contains(&position) {
            continue;
        }
        if writer.standalone(position) {
            if !last.is_empty(renames) {
                groups.push(std::mem::take(&mut last));
            }
            groups.push(Draft { statements: vec![position], standalone: true, ..Draft::default() });
        } else {
            last.statements.push(position);
        }
    }
    if !last.is_empty(renames) {
        groups.push(last);
    }
    let (mut groups, states) = writer.write(groups, request);
    for (id, hazards) in untracked {
        let name = id.to_string();
        let mut steps = groups.iter_mut().flat_map(|group| &mut group.steps);
        if let Some(step) = steps.find(|step| step.object == name || step.also.contains(&name)) {
            step.hazards.extend(hazards);
        }
    }
    (groups, states)
}

/// A group on its way: positions of statements, and whether the renames stand before them.
#[derive(Default)]
struct Draft {
    statements: Vec<usize>,
    renames: bool,
    standalone: bool,
}

enum Item<'a> {
    Rename(&'a Step),
    /// A position in the order of statements.
    Statement(usize),
}

impl Draft {
    fn is_empty(&self, renames: &Renames) -> bool {
        self.statements.is_empty() && (!self.renames || renames.steps.is_empty())
    }
}

/// What must be committed before the rest can use it, with what it needs itself.
fn first_group(ordered: &Ordered) -> BTreeSet<usize> {
    let mut first = BTreeSet::new();
    let mut queue: Vec<usize> = (0..ordered.statements.len())
        .filter(|&position| {
            let nodes = &ordered.statements[position].nodes;
            nodes.iter().any(|node| ordered.graph.commits_first.contains(node))
        })
        .collect();
    while let Some(position) = queue.pop() {
        if first.insert(position) {
            queue.extend(&ordered.statements[position].after);
        }
    }
    first
}

struct Writer<'a> {
    ordered: &'a Ordered,
    changes: &'a [Change],
    renames: &'a Renames,
    cx: &'a Context<'a>,
    /// The current side, before renames.
    current: &'a Catalog,
    unborn: Unborn<'a>,
}

impl Writer<'_> {
    fn steps(&self, statement: &Statement) -> Vec<&Step> {
        statement.nodes.iter().map(|&node| &self.ordered.graph.nodes[node].step).collect()
    }

    fn standalone(&self, position: usize) -> bool {
        let steps = self.steps(&self.ordered.statements[position]);
        steps.iter().any(|step| step.boundary == Boundary::Standalone)
    }

    fn write(&self, drafts: Vec<Draft>, request: &Request) -> (Vec<Group>, Vec<Catalog>) {
        // Nobody asks for a state on the way where there is none.
        let mut state = (drafts.len() > 1).then(|| request.from.clone());
        let mut number = 0;
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        let (mut groups, mut states) = (Vec::new(), Vec::new());
        let count = drafts.len();
        for (index, draft) in drafts.iter().enumerate() {
            let is_last = index + 1 == count;
            let mut steps = Vec::new();
            let early = !draft.renames && !is_last;
            for item in self.sequence(draft) {
                number += 1;
                steps.push(match item {
                    Item::Rename(step) => self.rename_step(number, step),
                    Item::Statement(position) => {
                        numbers.insert(position, number);
                        let statement = &self.ordered.statements[position];
                        if let Some(state) = &mut state {
                            self.simulate(statement, state);
                        }
                        self.plan_step(number, statement, &numbers, early)
                    }
                });
            }
            let reached = match &state {
                Some(state) if !is_last => {
                    let left = count - index - 1;
                    steps.iter_mut().for_each(|step| commits_early(step, left));
                    states.push(with_edges(state, self.current, self.cx.to, self.renames));
                    fingerprint(state, &request.scope)
                }
                _ => fingerprint(&self.outcome(request), &request.scope),
            };
            groups.push(Group {
                steps,
                fingerprint: reached,
                reason: (!is_last).then(|| self.reason(draft)),
                transactional: !draft.standalone,
            });
        }
        (groups, states)
    }

    /// Renames come first, and before each of them what it moves something into.
    fn sequence(&self, draft: &Draft) -> Vec<Item<'_>> {
        let mut items = Vec::new();
        let mut left = draft.statements.clone();
        for step in self.renames.steps.iter().filter(|_| draft.renames) {
            let home = |position: &usize| {
                let lead = self.ordered.statements[*position].lead;
                let made = &self.ordered.graph.nodes[lead].step;
                let whole = matches!(made.object.name(), Name::Global(_));
                made.verb == Verb::Create
                    && whole
                    && made.object.schema().is_some()
                    && made.object.schema() == step.object.schema()
                    && made.object != step.object
            };
            let (homes, others) = left.into_iter().partition::<Vec<_>, _>(home);
            items.extend(homes.into_iter().map(Item::Statement));
            items.push(Item::Rename(step));
            left = others;
        }
        items.extend(left.into_iter().map(Item::Statement));
        items
    }

    fn reason(&self, draft: &Draft) -> String {
        if draft.standalone {
            return "PostgreSQL refuses this statement inside a transaction block".to_owned();
        }
        let labels: Vec<String> = draft
            .statements
            .iter()
            .flat_map(|&position| self.steps(&self.ordered.statements[position]))
            .filter(|step| step.boundary == Boundary::CommitAfter)
            .flat_map(|step| step.provides.iter().map(ToString::to_string))
            .collect();
        match labels.is_empty() {
            true => "what follows cannot run in the same transaction".to_owned(),
            false => format!(
                "PostgreSQL lets a new enum label be used only after the transaction that added it has committed, and later steps use {}",
                labels.join(", ")
            ),
        }
    }

    /// The desired state, with the current definition where a difference needs nothing to be done.
    fn outcome<'b>(&self, request: &Request<'b>) -> Cow<'b, Catalog> {
        let mut state = Cow::Borrowed(request.to);
        // what changes through its members alone counts as touched, and what a step says it brings about
        let nodes = self.ordered.graph.nodes.iter();
        let touched: HashSet<&ObjectId> = nodes
            .flat_map(|node| {
                let id = &node.origin;
                node.step.provides.iter().chain([id, id.parent().unwrap_or(id)])
            })
            .collect();
        for change in self.changes {
            match change {
                Change::Alter { id, from, .. } if !touched.contains(id) => {
                    state.to_mut().objects.insert(id.clone(), from.clone());
                }
                _ => {}
            }
        }
        state
    }

    fn simulate(&self, statement: &Statement, state: &mut Catalog) {
        for step in self.steps(statement) {
            let id = self.renames.old_id(&step.object);
            if let Some((old, new)) = &step.rewords {
                relabel(state, &id, &BTreeMap::from([(old.clone(), new.clone())]));
            }
            if let Some(object) = &step.result {
                state.objects.insert(id, object.clone());
            }
            for provided in &step.provides {
                if let Some(object) = self.cx.to.get(provided) {
                    state.objects.insert(self.renames.old_id(provided), object.clone());
                }
            }
        }
    }

    fn rename_step(&self, number: usize, step: &Step) -> PlanStep {
        PlanStep {
            id: number,
            verb: step.verb,
            object: step.object.to_string(),
            also: Vec::new(),
            sql: step.sql.clone(),
            hazards: step.hazards.clone(),
            lock: step.lock.as_ref().map(|(mode, on)| self.lock(*mode, on)),
            depends_on: Vec::new(),
            prechecks: Vec::new(),
            undo: step.undo.clone(),
            boundary: step.boundary,
            diff: None,
        }
    }

    fn plan_step(
        &self,
        number: usize,
        statement: &Statement,
        numbers: &BTreeMap<usize, usize>,
        early: bool,
    ) -> PlanStep {
        let nodes = &self.ordered.graph.nodes;
        let lead = &nodes[statement.lead].step;
        let steps = self.steps(statement);
        // What stands in the parentheses of a CREATE finds no rows, even where the table is built anew.
        let element = |step: &Step| {
            lead.frame.is_some()
                && step
                    .folds
                    .iter()
                    .any(|fold| matches!(fold, Fold::Element { of, .. } if *of == lead.object))
        };
        let quiet = |step: &Step| element(step) || self.is_new(step);
        // What another step brings about says nothing of its own.
        let said: Vec<&Node> = statement
            .nodes
            .iter()
            .filter(|node| !statement.implied.contains(node))
            .map(|&node| &nodes[node])
            .collect();
        let hazards: BTreeSet<Hazard> = said
            .iter()
            .flat_map(|&node| {
                let (new, passing) = (quiet(&node.step), self.is_passing(node));
                node.step.hazards.iter().filter(move |hazard| {
                    !(new && about_existing(hazard.kind) || passing && about_others(hazard.kind))
                })
            })
            .cloned()
            .collect();
        let mut prechecks: Vec<Precheck> = Vec::new();
        let said: Vec<&Step> = said.into_iter().map(|node| &node.step).collect();
        // The rows of a table that is built anew must fit what stands there, and what it brings along.
        let brought =
            |step: &Step| step.verb == Verb::Create && step.object.is_within(&lead.object);
        let asked = statement.nodes.iter().map(|&node| (node, &nodes[node].step));
        let asked = asked.filter(|(node, step)| !statement.implied.contains(node) || brought(step));
        for (_, step) in asked.filter(|(_, step)| !self.is_new(step)) {
            for check in &step.prechecks {
                if !self.unborn.is_answerable(&check.query) {
                    continue;
                }
                let query = self.renames.to_old(&check.query);
                let check = Precheck { query, ..check.clone() };
                if !prechecks.contains(&check) {
                    prechecks.push(check);
                }
            }
        }
        let locks = said.iter().filter(|step| !quiet(step)).filter_map(|step| step.lock.as_ref());
        let lock = locks.max_by_key(|(mode, _)| *mode).map(|(mode, on)| self.lock(*mode, on));
        let (verb, object) = match &statement.of {
            Some(whole) => (Verb::Alter, whole),
            // Under the name that people know it by.
            None if nodes[statement.lead].part == Part::Aside => {
                (lead.verb, &nodes[statement.lead].origin)
            }
            None if undoes_and_does(lead, &steps) => (Verb::Alter, &lead.object),
            None => (lead.verb, &lead.object),
        };
        let also: BTreeSet<String> = steps
            .iter()
            .map(|step| &step.object)
            .filter(|id| *id != object && !id.base().is_empty())
            .map(ToString::to_string)
            .collect();
        let sql = if early { self.renames.to_old(&statement.sql) } else { statement.sql.clone() };
        let sql = settled(&sql);
        PlanStep {
            id: number,
            verb,
            object: object.to_string(),
            also: also.into_iter().collect(),
            sql,
            hazards: hazards.into_iter().collect(),
            lock,
            depends_on: statement.after.iter().filter_map(|p| numbers.get(p).copied()).collect(),
            prechecks,
            undo: undo(lead, &said),
            boundary: steps.iter().map(|step| step.boundary).max().unwrap_or(lead.boundary),
            diff: self.body_diff(&nodes[statement.lead].origin, &statement.sql),
        }
    }

    /// Whether a step works on something that this plan creates: no row is read, no one waits.
    fn is_new(&self, step: &Step) -> bool {
        let root = step.lock.as_ref().map_or(&step.object, |(_, on)| on).root();
        !self.cx.from.contains(root) && self.cx.to.contains(root)
    }

    /// Whether what a step does is undone or was done before within the plan, so that nobody outside sees it:
    /// an object that comes back as it was, a name that is given away for a moment.
    fn is_passing(&self, node: &Node) -> bool {
        node.part == Part::Aside || self.cx.unchanged(&node.origin)
    }

    fn lock(&self, mode: Lock, on: &ObjectId) -> StepLock {
        let size = self.current.sizes.get(&self.renames.old_id(on)).copied();
        StepLock { mode, on: on.to_string(), size }
    }

    /// The statement that made the object as it is now beside the one that makes it as it shall be, where either
    /// spans lines: bodies, queries, conditions.
    fn body_diff(&self, id: &ObjectId, sql: &str) -> Option<BodyDiff> {
        let first = |side| {
            let step = self.cx.catalog(side).get(id)?.create(id, self.cx).into_iter().next()?;
            step.frame.is_none().then_some(step.sql)
        };
        let (old, new): (String, String) = (first(Side::From)?, first(Side::To)?);
        if old == new || !(old.contains('\n') || new.contains('\n')) {
            return None;
        }
        let (old, new, sql) = (settled(&old), settled(&new), &*settled(sql));
        if sql == new {
            return Some(BodyDiff { old, new });
        }
        // CREATE OR REPLACE says the same behind other first words.
        let (head, rest) = sql.split_once('\n')?;
        let (new_head, new_rest) = new.split_once('\n')?;
        let (old_head, old_rest) = old.split_once('\n')?;
        let old_head = if old_head == new_head { head } else { old_head };
        (rest == new_rest)
            .then(|| BodyDiff { old: format!("{old_head}\n{old_rest}"), new: sql.to_owned() })
    }
}

/// Whether the leading object is dropped and created by the same statement.
fn undoes_and_does(lead: &Step, steps: &[&Step]) -> bool {
    let has = |verb| steps.iter().any(|step| step.object == lead.object && step.verb == verb);
    has(Verb::Drop) && has(Verb::Create)
}

fn commits_early(step: &mut PlanStep, groups_left: usize) {
    let what = if groups_left == 1 { "the transaction that follows" } else { "one that follows" };
    let detail = format!("it is committed by itself, and stays if {what} fails");
    step.hazards.push(Hazard { kind: HazardKind::CommitsEarly, detail });
    step.hazards.sort();
}

/// Hazards that a step has only because of rows and users that are already there.
fn about_existing(kind: HazardKind) -> bool {
    matches!(
        kind,
        HazardKind::RewritesTable
            | HazardKind::ScansTable
            | HazardKind::BlocksReads
            | HazardKind::BlocksWrites
            | HazardKind::BuildsIndex
            | HazardKind::MayFailOnData
    )
}

/// Hazards for others than those who wait: they see only what has been committed.
fn about_others(kind: HazardKind) -> bool {
    matches!(kind, HazardKind::BreaksClients | HazardKind::LoosensAccess)
}

fn undo(lead: &Step, steps: &[&Step]) -> Undo {
    let irreversible = steps.iter().find(|step| matches!(step.undo, Undo::Irreversible(_)));
    match (irreversible, lead.frame.is_some() || steps.len() == 1) {
        (Some(step), _) => step.undo.clone(),
        (None, true) => lead.undo.clone(),
        (None, false) => Undo::Reverse,
    }
}
