//! Steps as nodes, and what must run before what.

// Long because all rules of what comes before what stand in one place, so that one can be found in one guess.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use ordain_model::{
    Boundary, Context, Fold, Literals, Name, ObjectId, Side, Slot, Step, Strength, Uses, Verb,
    tokens,
};

use crate::expand::{Action, Work};

/// One step, and which of its folds it takes at the moment.
#[derive(Debug)]
pub struct Node {
    pub step: Step,
    /// The object under its name in the catalogs (a drop of what was renamed aside has another in its step).
    pub origin: ObjectId,
    /// Index into `step.folds`; beyond the last when it stands alone.
    pub choice: usize,
    pub part: Part,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Brings the object into its desired state.
    Arrive,
    /// A stand-in that users in a cycle can refer to.
    StandIn,
    /// Takes the object away.
    Leave,
    /// Renames it aside.
    Aside,
}

#[derive(Debug, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    /// before → after.
    pub edges: Vec<BTreeMap<usize, Strength>>,
    /// Steps whose result is used by later ones and must be committed before them.
    pub commits_first: BTreeSet<usize>,
}

/// The nodes after which an object is no longer what it was.
#[derive(Debug, Default, Clone)]
struct Leave {
    drops: Vec<usize>,
    disturbs: Vec<usize>,
    asides: Vec<usize>,
}

struct Builder<'a> {
    cx: &'a Context<'a>,
    work: &'a Work,
    graph: Graph,
    arrive: HashMap<ObjectId, Vec<usize>>,
    /// None: altered, and users in the cycle may have it as it is.
    stand_in: HashMap<ObjectId, Option<usize>>,
    leave: HashMap<ObjectId, Leave>,
    holders: HashMap<Slot, BTreeSet<ObjectId>>,
    /// Altered objects that give up a name, and the node that does so.
    freed: HashMap<ObjectId, usize>,
    /// Routines that go for good, by what they share with their overloads.
    overloads: HashMap<Overload, Vec<ObjectId>>,
}

/// Schema and name of a routine.
type Overload = Option<(Arc<str>, Arc<str>)>;

fn overload(id: &ObjectId) -> Overload {
    match id.name() {
        Name::Routine { schema, name, .. } => Some((schema.clone(), name.clone())),
        _ => None,
    }
}

/// How cycles are broken.
#[derive(Debug, Default)]
pub struct StandIns {
    /// Objects that are created by way of a stand-in, each with the members of the cycles that it breaks: they refer
    /// to the stand-in, everyone else waits for the real thing.
    pub before: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
    /// Objects that become a stand-in before they are dropped.
    pub after: BTreeSet<ObjectId>,
}

/// Builds the graph.
pub fn build(work: &Work, stand_ins: &StandIns, cx: &Context) -> Graph {
    let mut builder = Builder {
        cx,
        work,
        graph: Graph::default(),
        arrive: HashMap::new(),
        stand_in: HashMap::new(),
        leave: HashMap::new(),
        holders: HashMap::new(),
        freed: HashMap::new(),
        overloads: HashMap::new(),
    };
    for (id, action) in &work.actions {
        builder.add(id, action, stand_ins);
        if let (Some(key), true) = (overload(id), cx.goes(id)) {
            builder.overloads.entry(Some(key)).or_default().push(id.clone());
        }
    }
    for node in 0..builder.graph.nodes.len() {
        builder.connect(node, stand_ins);
    }
    builder.after_transfers();
    builder.literals();
    builder.graph
}

impl Builder<'_> {
    fn add(&mut self, id: &ObjectId, action: &Action, stand_ins: &StandIns) {
        let with_stand_in = stand_ins.before.contains_key(id);
        let to_stand_in = stand_ins.after.contains(id);
        match action {
            Action::Create => {
                self.create(id, with_stand_in);
            }
            Action::Drop => {
                self.drop(id, to_stand_in);
            }
            Action::Alter(steps) => {
                if with_stand_in {
                    self.becomes_stand_in(id);
                }
                let nodes = self.chain(id, steps.clone(), Part::Arrive);
                if let Some(&Some(stand_in)) = self.stand_in.get(id) {
                    self.all_before(&[stand_in], &nodes);
                }
                self.frees(id, &nodes);
                for node in nodes {
                    self.arrives(id, node);
                    if self.graph.nodes[node].step.disturbs {
                        self.leave.entry(id.clone()).or_default().disturbs.push(node);
                    }
                }
            }
            Action::Replace => {
                let dropped = self.drop(id, to_stand_in);
                let created = self.create(id, with_stand_in);
                self.all_before(&dropped, &created);
            }
            Action::Aside(aside) => {
                let (moved, dropped) = self.step_aside(id, aside);
                let created = self.create(id, with_stand_in);
                self.all_before(&moved, &created);
                let transfers = self.transfer(id, aside);
                self.all_before(&created, &transfers);
                self.all_before(&transfers, &dropped);
            }
            Action::DropAside(aside) => {
                self.step_aside(id, aside);
            }
        }
    }

    /// Names that an object gives up by being altered (the sequence of a column that is no longer an identity).
    fn frees(&mut self, id: &ObjectId, nodes: &[usize]) {
        let slots = |catalog: &ordain_model::Catalog| {
            catalog.get(id).map(|object| object.slots(id)).unwrap_or_default()
        };
        let (old, new) = (slots(self.cx.from), slots(self.cx.to));
        let (first, freed): (Option<&usize>, Vec<Slot>) =
            (nodes.first(), old.into_iter().filter(|slot| !new.contains(slot)).collect());
        if let (Some(&first), false) = (first, freed.is_empty()) {
            self.freed.entry(id.clone()).or_insert(first);
            self.holds(id, freed);
        }
    }

    /// One node a step; the steps of one call run in their order.
    fn chain(&mut self, id: &ObjectId, steps: Vec<Step>, part: Part) -> Vec<usize> {
        let first = self.graph.nodes.len();
        for step in steps {
            self.graph.nodes.push(Node { step, origin: id.clone(), choice: 0, part });
            self.graph.edges.push(BTreeMap::new());
        }
        let nodes: Vec<usize> = (first..self.graph.nodes.len()).collect();
        for pair in nodes.windows(2) {
            self.before(pair[0], pair[1], Strength::Hard);
        }
        nodes
    }

    fn arrives(&mut self, id: &ObjectId, node: usize) {
        let provided = self.graph.nodes[node].step.provides.clone();
        for id in provided.into_iter().chain([id.clone()]) {
            self.arrive.entry(id).or_default().push(node);
        }
    }

    fn create(&mut self, id: &ObjectId, with_stand_in: bool) -> Vec<usize> {
        let Some(object) = self.cx.to.get(id) else { return Vec::new() };
        let steps = match with_stand_in {
            true => object.placeholder(id, self.cx).unwrap_or_default(),
            false => object.create(id, self.cx),
        };
        let mut nodes = self.chain(id, steps, Part::Arrive);
        for &node in &nodes {
            self.arrives(id, node);
        }
        let corrected = self.chain(id, object.correct(id, self.cx), Part::Arrive);
        self.all_before(&nodes, &corrected);
        nodes.extend(corrected);
        if let (true, Some(&first)) = (with_stand_in, nodes.first()) {
            self.graph.nodes[first].part = Part::StandIn;
            self.stand_in.insert(id.clone(), Some(first));
        }
        nodes
    }

    /// What is altered in place becomes a stand-in for its new self first.
    fn becomes_stand_in(&mut self, id: &ObjectId) {
        let Some(object) = self.cx.to.get(id) else { return };
        let first = object.placeholder(id, self.cx).into_iter().flatten().next();
        let needs = first.map(|step| step.uses.needs).unwrap_or_default();
        let emptied = object.dismantle(id, self.cx).into_iter().flatten();
        let steps = emptied.map(|mut step| {
            step.uses.releases.clear();
            step.without_edges().needs(needs.clone())
        });
        let nodes = self.chain(id, steps.collect(), Part::StandIn);
        self.stand_in.insert(id.clone(), nodes.last().copied());
    }

    fn drop(&mut self, id: &ObjectId, to_stand_in: bool) -> Vec<usize> {
        let Some(object) = self.cx.from.get(id) else { return Vec::new() };
        let slots = object.slots(id);
        if self.is_carried(id) {
            return Vec::new();
        }
        let emptied = match to_stand_in {
            true => object.dismantle(id, self.cx).unwrap_or_default(),
            false => Vec::new(),
        };
        let emptied = self.chain(id, emptied, Part::Leave);
        let mut nodes = self.chain(id, object.drop(id, self.cx), Part::Leave);
        self.leave.entry(id.clone()).or_default().drops.extend(&nodes);
        self.holds(id, slots);
        if let Some(&last) = emptied.last() {
            // What it used, the stand-in let go of; what that uses too is no part of a cycle.
            let step = &mut self.graph.nodes[last].step;
            let releases = std::mem::take(&mut step.uses.releases);
            for &node in &nodes {
                let uses = &mut self.graph.nodes[node].step.uses;
                uses.edges = false;
                uses.releases.extend(releases.clone());
            }
            self.all_before(&emptied, &nodes);
        }
        nodes.splice(0..0, emptied);
        nodes
    }

    fn holds(&mut self, id: &ObjectId, slots: Vec<Slot>) {
        for slot in slots {
            self.holders.entry(slot).or_default().insert(id.clone());
        }
    }

    /// Whether an object is carried away by the renaming of what it is a member of.
    fn goes_aside(&self, id: &ObjectId) -> bool {
        match self.work.actions.get(id) {
            Some(Action::Aside(_) | Action::DropAside(_)) => true,
            Some(Action::Drop | Action::Replace) => self.is_carried(id),
            _ => false,
        }
    }

    /// Whether an object that goes does so with what was renamed aside: it need not give up a name, and nothing that it
    /// uses has to (the key of the same table that a foreign key refers to).
    fn is_carried(&self, id: &ObjectId) -> bool {
        let leaves_alone = |used: &ObjectId| {
            used.root() == id.root()
                && matches!(self.work.actions.get(used), Some(Action::Drop | Action::Replace))
                && !self.goes_aside(used)
        };
        self.cx.from.get(id).is_some_and(|object| object.goes_along(id))
            && id.parent().is_some_and(|parent| self.goes_aside(parent))
            && !self.cx.uses(Side::From, id).iter().any(|edge| leaves_alone(&edge.used))
    }

    fn step_aside(&mut self, id: &ObjectId, aside: &ObjectId) -> (Vec<usize>, Vec<usize>) {
        let Some(object) = self.cx.from.get(id) else { return Default::default() };
        let moved = self.chain(id, object.step_aside(id, aside, self.cx), Part::Aside);
        let dropped = self.chain(id, object.drop(aside, self.cx), Part::Leave);
        self.all_before(&moved, &dropped);
        let leave = self.leave.entry(id.clone()).or_default();
        leave.asides.extend(&moved);
        leave.drops.extend(&dropped);
        let gone = self.leave.entry(aside.clone()).or_default();
        gone.drops.extend(&dropped);
        self.holds(id, object.slots(id));
        (moved, dropped)
    }

    fn transfer(&mut self, id: &ObjectId, aside: &ObjectId) -> Vec<usize> {
        let Some(object) = self.cx.to.get(id) else { return Vec::new() };
        let nodes = self.chain(id, object.transfer(id, aside, self.cx), Part::Arrive);
        for &node in &nodes {
            self.arrive.entry(id.clone()).or_default().push(node);
        }
        nodes
    }

    fn all_before(&mut self, earlier: &[usize], later: &[usize]) {
        for &a in earlier {
            for &b in later {
                self.before(a, b, Strength::Hard);
            }
        }
    }

    fn before(&mut self, a: usize, b: usize, strength: Strength) {
        if a != b {
            let known = self.graph.edges[a].entry(b).or_insert(strength);
            if strength == Strength::Hard {
                *known = Strength::Hard;
            }
        }
    }

    fn connect(&mut self, node: usize, stand_ins: &StandIns) {
        let Node { step, origin, part, .. } = &self.graph.nodes[node];
        let (origin, part, verb) = (origin.clone(), *part, step.verb);
        let Uses { edges, needs, releases, excludes, literals: _ } = step.uses.clone();
        let slots = match (verb, part) {
            (Verb::Create, Part::Arrive | Part::StandIn) => {
                self.cx.to.get(&origin).map(|object| object.slots(&origin)).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        if edges {
            match part {
                Part::Arrive | Part::StandIn => self.takes_hold(node, &origin, stand_ins),
                Part::Leave => self.lets_go(node, &origin),
                Part::Aside => self.steps_aside(node, &origin),
            }
            let altered = matches!(self.work.actions.get(&origin), Some(Action::Alter(_)));
            if part == Part::Arrive && verb == Verb::Alter && altered {
                self.lets_go_altered(node, &origin);
            }
        }
        for id in &needs {
            if self.cx.goes(id) {
                // As desired means gone.
                let gone = self.leave.get(id).map(|leave| leave.drops.clone()).unwrap_or_default();
                self.all_before(&gone, &[node]);
            }
            self.after_arrival(node, id, Strength::Hard, stand_ins);
        }
        for id in &excludes {
            let gone = self.leave.get(id).map(|leave| leave.drops.clone()).unwrap_or_default();
            self.all_before(&gone, &[node]);
        }
        for id in &releases {
            if let Some(leave) = self.leave_of(id) {
                self.before_all(node, &leave.drops, Strength::Hard);
                self.before_all(node, &self.disturbing(&leave), Strength::Hard);
            }
        }
        for slot in slots {
            for holder in self.holders.get(&slot).cloned().unwrap_or_default() {
                if let Some(&freed) = self.freed.get(&holder) {
                    self.before(freed, node, Strength::Hard);
                    continue;
                }
                let leave = self.leave.get(&holder).cloned().unwrap_or_default();
                let freed = if leave.asides.is_empty() { leave.drops } else { leave.asides };
                self.all_before(&freed, &[node]);
            }
        }
        if verb == Verb::Transfer {
            self.around_transfer(node, &origin);
        }
    }

    fn before_all(&mut self, node: usize, later: &[usize], strength: Strength) {
        for &other in later {
            if self.graph.nodes[other].origin != self.graph.nodes[node].origin {
                self.before(node, other, strength);
            }
        }
    }

    /// `node` runs after the object has become what is desired; in a cycle, after its stand-in.
    fn after_arrival(
        &mut self,
        node: usize,
        id: &ObjectId,
        strength: Strength,
        stand_ins: &StandIns,
    ) {
        let origin = self.graph.nodes[node].origin.clone();
        if let Some(&stand_in) = self.stand_in.get(id)
            && stand_ins.before.get(id).is_some_and(|cycle| cycle.contains(&origin))
        {
            if let Some(stand_in) = stand_in {
                self.before(stand_in, node, strength);
            }
            return;
        }
        // What can be part of a CREATE waits for that alone, not for what follows it.
        let folds = &self.graph.nodes[node].step.folds;
        let element = folds
            .iter()
            .any(|f| matches!(f, Fold::Element { of, .. } | Fold::With { of } if of == id));
        for other in self.arrive.get(id).cloned().unwrap_or_default() {
            let Node { step, origin: owner, .. } = &self.graph.nodes[other];
            // What must be there for this cannot wait for it: columns for rows to move.
            let waits = step.uses.needs.contains(&origin);
            let apart = element && step.frame.is_none() && owner == id;
            if *owner != origin && !apart && !waits {
                self.before(other, node, strength);
            }
        }
    }

    fn takes_hold(&mut self, node: usize, origin: &ObjectId, stand_ins: &StandIns) {
        let cx = self.cx;
        for edge in cx.uses(Side::To, origin) {
            self.after_arrival(node, &edge.used, edge.strength, stand_ins);
            // A call may fit more than one overload as long as those that go are there.
            for gone in self.overloads.get(&overload(&edge.used)).cloned().unwrap_or_default() {
                if gone != edge.used && gone != *origin {
                    let drops = self.leave.get(&gone).map(|leave| leave.drops.clone());
                    for drop in drops.unwrap_or_default() {
                        self.before(drop, node, Strength::Soft);
                    }
                }
            }
        }
    }

    /// A drop comes before the drop, the renaming and the disturbing of what it used.
    fn lets_go(&mut self, node: usize, origin: &ObjectId) {
        let cx = self.cx;
        let is_aside = self.graph.nodes[node].step.object != *origin;
        // What was renamed aside takes along what is in it.
        let carried = if is_aside { self.carried(origin) } else { Vec::new() };
        let uses = carried.iter().flat_map(|id| cx.uses(Side::From, id));
        for edge in cx.uses(Side::From, origin).iter().chain(uses) {
            let Some(leave) = self.leave_of(&edge.used) else { continue };
            self.before_all(node, &leave.drops, edge.strength);
            if !is_aside {
                self.before_all(node, &self.disturbing(&leave), edge.strength);
                // by its old name, if at all: else it goes as well after the renaming
                if names(&self.graph.nodes[node].step.sql, &edge.used) {
                    self.before_all(node, &leave.asides, edge.strength);
                }
            }
        }
    }

    /// What is renamed aside by a statement that names something else does so while that has its old name.
    fn steps_aside(&mut self, node: usize, origin: &ObjectId) {
        let cx = self.cx;
        for edge in cx.uses(Side::From, origin) {
            let Some(leave) = self.leave_of(&edge.used) else { continue };
            if names(&self.graph.nodes[node].step.sql, &edge.used) {
                self.before_all(node, &leave.asides, edge.strength);
            }
        }
    }

    /// The members, at any depth, that have no drop of their own.
    fn carried(&self, id: &ObjectId) -> Vec<ObjectId> {
        let edges = self.cx.users(Side::From, id).iter();
        let members = edges.map(|edge| &edge.user).filter(|user| user.parent() == Some(id));
        let mut all = Vec::new();
        for member in members.filter(|member| !self.leave.contains_key(member)) {
            all.push(member.clone());
            all.extend(self.carried(member));
        }
        all
    }

    /// What is altered in place lets go of what it no longer uses, and of what is dropped for good.
    fn lets_go_altered(&mut self, node: usize, origin: &ObjectId) {
        let cx = self.cx;
        let still: HashSet<&ObjectId> =
            cx.uses(Side::To, origin).iter().map(|edge| &edge.used).collect();
        for edge in cx.uses(Side::From, origin) {
            if self.work.kept.contains(&(origin.clone(), edge.used.clone())) {
                continue;
            }
            let Some(leave) = self.leave_of(&edge.used) else { continue };
            self.before_all(node, &leave.drops, edge.strength);
            if !still.contains(&edge.used) {
                self.before_all(node, &self.disturbing(&leave), edge.strength);
            }
        }
    }

    /// What the server refuses to do to an object in use, under its own name or aside.
    fn disturbing(&self, leave: &Leave) -> Vec<usize> {
        let asides = leave.asides.iter().filter(|&&node| self.graph.nodes[node].step.disturbs);
        leave.disturbs.iter().chain(asides).copied().collect()
    }

    /// Where an object has no drop of its own, it leaves with its parent.
    fn leave_of(&self, id: &ObjectId) -> Option<Leave> {
        match self.leave.get(id) {
            Some(leave) => Some(leave.clone()),
            None if self.goes_aside(id) => self.leave_of(id.parent()?),
            None => None,
        }
    }

    /// Rows that move into a whole by way of its parts move before whatever of these need not be there for it:
    /// triggers above all.
    fn after_transfers(&mut self) {
        let is_transfer = |node: &usize| self.graph.nodes[*node].step.verb == Verb::Transfer;
        let transfers: Vec<usize> = (0..self.graph.nodes.len()).filter(is_transfer).collect();
        for transfer in transfers {
            let needs = &self.graph.nodes[transfer].step.uses.needs;
            let wholes: HashSet<ObjectId> = needs.iter().map(|id| id.root().clone()).collect();
            let needed = self.needed_by(transfer);
            for node in 0..self.graph.nodes.len() {
                let Node { step, part, .. } = &self.graph.nodes[node];
                let within = |fold: &Fold| matches!(fold, Fold::With { of } if wholes.contains(of));
                if step.folds.iter().any(within) {
                    continue;
                }
                let member = step.object.parent().is_some_and(|parent| wholes.contains(parent));
                if member
                    && step.verb == Verb::Create
                    && *part == Part::Arrive
                    && !needed.contains(&node)
                {
                    self.before(transfer, node, Strength::Hard);
                }
            }
        }
    }

    /// All nodes that must run before one.
    fn needed_by(&self, node: usize) -> HashSet<usize> {
        let mut before = vec![Vec::new(); self.graph.nodes.len()];
        for (a, edges) in self.graph.edges.iter().enumerate() {
            for &b in edges.keys() {
                before[b].push(a);
            }
        }
        let (mut seen, mut queue) = (HashSet::from([node]), vec![node]);
        while let Some(node) = queue.pop() {
            queue.extend(before[node].iter().copied().filter(|&other| seen.insert(other)));
        }
        seen
    }

    /// Rows move once the columns are there, and before indexes, keys and triggers look at them.
    fn around_transfer(&mut self, node: usize, table: &ObjectId) {
        let needs = self.graph.nodes[node].step.uses.needs.clone();
        let members: Vec<usize> = (0..self.graph.nodes.len())
            .filter(|&other| {
                let step = &self.graph.nodes[other].step;
                step.verb == Verb::Create
                    && step.object.parent() == Some(table)
                    && !needs.contains(&step.object)
            })
            .collect();
        for member in members {
            let element = self.graph.nodes[member].step.folds.iter().any(
                |fold| matches!(fold, Fold::Element { of, .. } | Fold::With { of } if of == table),
            );
            match element {
                true => self.before(member, node, Strength::Hard),
                false => self.before(node, member, Strength::Hard),
            }
        }
    }

    /// Steps that mention a label which must be committed before it can be used come after it.
    fn literals(&mut self) {
        let adders: Vec<usize> = (0..self.graph.nodes.len())
            .filter(|&node| self.graph.nodes[node].step.boundary == Boundary::CommitAfter)
            .collect();
        for adder in adders {
            for label in self.graph.nodes[adder].step.provides.clone() {
                let Some(owner) = label.parent() else { continue };
                let users = self.closure(owner);
                for node in 0..self.graph.nodes.len() {
                    let Node { step, origin, part, .. } = &self.graph.nodes[node];
                    let may = match step.uses.literals {
                        Literals::Typed => users.contains(origin),
                        Literals::Untyped => true,
                        Literals::Inert => false,
                    };
                    if may
                        && matches!(part, Part::Arrive | Part::StandIn)
                        && origin != &self.graph.nodes[adder].origin
                        && tokens::mentions(&step.sql, label.base())
                    {
                        self.before(adder, node, Strength::Hard);
                        self.graph.commits_first.insert(adder);
                    }
                }
            }
        }
    }

    /// All that uses an object on the desired side, at any distance.
    fn closure(&self, id: &ObjectId) -> HashSet<ObjectId> {
        let (mut seen, mut queue) = (HashSet::new(), vec![id.clone()]);
        while let Some(id) = queue.pop() {
            for edge in self.cx.users(Side::To, &id) {
                if seen.insert(edge.user.clone()) {
                    queue.push(edge.user.clone());
                }
            }
        }
        seen
    }
}

/// Whether a statement speaks of an object or of what it is a part of, by its whole name.
fn names(sql: &str, id: &ObjectId) -> bool {
    let (schema, base) = (id.schema(), id.root().base());
    tokens::may_say(sql, base)
        && tokens::chains(sql).iter().any(|chain| match schema {
            Some(schema) => chain.parts.windows(2).any(|w| w[0] == schema && w[1] == base),
            None => chain.parts.iter().any(|part| part == base),
        })
}
