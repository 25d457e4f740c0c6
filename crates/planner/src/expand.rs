//! From differences to what is done with each object: those that must give way are found here, with all
//! that use them.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use ordain_model::{
    Alter, Change, Context, Disturbance, How, Object, ObjectId, Refusal, Replace, Side, Slot, Step,
    Strength, Survival, covered, hash::Set,
};

use crate::{PlanError, Request, names::Names};

/// What is done with an object.
#[derive(Debug)]
pub enum Action {
    Create,
    Drop,
    /// It stays; these steps change it, in this order.
    Alter(Vec<Step>),
    /// Dropped and created again.
    Replace,
    /// Renamed to this id, created anew under its own name, dropped last.
    Aside(ObjectId),
    /// Renamed to this id because an object of another kind takes its name, dropped last.
    DropAside(ObjectId),
}

/// All actions, and which dependents stay as they are through a disturbance of what they use.
#[derive(Debug, Default)]
pub struct Work {
    pub actions: BTreeMap<ObjectId, Action>,
    /// (user, used): the server, or the user's own steps, carry the user along.
    pub kept: BTreeSet<(ObjectId, ObjectId)>,
}

pub fn expand<'a>(
    changes: &[Change],
    cx: &'a Context<'a>,
    request: &'a Request<'a>,
) -> Result<Work, PlanError> {
    let covers = covered(request.from, &request.scope);
    let mut expander = Expander {
        cx,
        work: Work::default(),
        queue: VecDeque::new(),
        refusals: Vec::new(),
        names: Names::new([request.from, request.to]),
        outside: outside(cx, request, &covers),
        covers: Box::new(covers),
    };
    for change in changes {
        expander.start(change);
    }
    let succeeded = succeeded(changes);
    expander.successions(&succeeded, changes);
    expander.silent_users(changes);
    while let Some(what) = expander.queue.pop_front() {
        expander.disturb(&what);
    }
    expander.held_by_asides(&succeeded);
    match expander.refusals.is_empty() {
        true => Ok(expander.work),
        false => {
            expander.refusals.sort_by(|a, b| a.object.cmp(&b.object));
            expander.refusals.dedup();
            Err(PlanError::Refused(expander.refusals))
        }
    }
}

struct Expander<'a> {
    cx: &'a Context<'a>,
    work: Work,
    queue: VecDeque<Disturbance>,
    refusals: Vec<Refusal>,
    names: Names<'a>,
    /// Object in scope → hard users outside the scope.
    outside: HashMap<&'a ObjectId, Vec<&'a ObjectId>>,
    covers: Box<dyn Fn(&ObjectId) -> bool + 'a>,
}

impl Expander<'_> {
    fn start(&mut self, change: &Change) {
        match change {
            Change::Create { id, to } => {
                self.set(id, Action::Create);
                if to.needs_new_whole(id, self.cx) {
                    self.aside(id);
                }
            }
            Change::Drop { id, from } => {
                self.refuse_outside(id, "is dropped");
                self.set(id, Action::Drop);
                self.replace_with(id, from);
            }
            Change::Rename { .. } => {}
            Change::Alter { id, from, to } => match from.alter(id, to, self.cx) {
                Alter::InPlace(steps) if steps.is_empty() => {}
                Alter::InPlace(steps) => self.alter(id, steps),
                Alter::Replace(Replace::DropCreate) => {
                    self.replace(id);
                    self.replace_with(id, from);
                }
                Alter::Replace(Replace::Aside) => self.aside(id),
                Alter::Refuse(refusal) => self.refusals.push(refusal),
            },
        }
    }

    /// What cannot stay as it is while this is away.
    fn replace_with(&mut self, id: &ObjectId, object: &Object) {
        for other in object.goes_only_with(id, self.cx) {
            let stays = self.cx.from.contains(&other) && self.cx.to.contains(&other);
            if stays && !matches!(self.work.actions.get(&other), Some(Action::Replace)) {
                self.replace(&other);
            }
        }
    }

    /// An object that goes while one of another kind takes its name: those who use the old and stay must move over.
    fn successions(&mut self, succeeded: &[&ObjectId], changes: &[Change]) {
        for &id in succeeded {
            let aside = self.names.aside(id);
            let what = Disturbance { object: id.clone(), how: How::Aside(aside.clone()) };
            let follows = self.cx.users(Side::From, id).iter().any(|edge| {
                edge.strength == Strength::Hard
                    && self.cx.to.contains(&edge.user)
                    && self.cx.from.get(&edge.user).is_some_and(|user| {
                        matches!(user.survive(&edge.user, &what, self.cx), Survival::Follow(_))
                    })
            });
            if follows {
                self.set(id, Action::DropAside(aside));
                self.queue.push_back(what);
            } else {
                // views use the columns, not the table
                let gone = changes.iter().filter_map(|change| match change {
                    Change::Drop { id: part, .. } if part.is_within(id) => Some(part),
                    _ => None,
                });
                self.queue.extend(
                    gone.map(|part| Disturbance { object: part.clone(), how: How::Replaced }),
                );
            }
        }
    }

    /// What was renamed aside uses what it used until it is dropped, last: so that must not hold a name either.
    fn held_by_asides(&mut self, succeeded: &[&ObjectId]) {
        for &id in succeeded {
            let is_aside = |user: &ObjectId| {
                matches!(self.work.actions.get(user.root()), Some(Action::Aside(_)))
            };
            let held = self.cx.users(Side::From, id).iter().any(|edge| {
                edge.strength == Strength::Hard
                    && edge.user.root() != id.root()
                    && is_aside(&edge.user)
            });
            if held && matches!(self.work.actions.get(id), Some(Action::Drop)) {
                let aside = self.names.aside(id);
                self.set(id, Action::DropAside(aside));
            }
        }
    }

    fn set(&mut self, id: &ObjectId, action: Action) {
        self.work.actions.insert(id.clone(), action);
    }

    fn alter(&mut self, id: &ObjectId, steps: Vec<Step>) {
        if steps.iter().any(|step| step.disturbs) {
            self.refuse_outside(id, "is altered in a way that they do not survive");
            self.queue.push_back(Disturbance { object: id.clone(), how: How::Altered });
        }
        for excluded in steps.iter().flat_map(|step| &step.uses.excludes) {
            let stays = self.cx.from.contains(excluded) && self.cx.to.contains(excluded);
            if stays && !matches!(self.work.actions.get(excluded), Some(Action::Replace)) {
                self.replace(excluded);
            }
        }
        match self.work.actions.get_mut(id) {
            // What follows a rebuild comes before the object's own wishes: they speak of the new type.
            Some(Action::Alter(own)) => own.splice(0..0, steps).for_each(drop),
            _ => self.set(id, Action::Alter(steps)),
        }
    }

    fn replace(&mut self, id: &ObjectId) {
        self.refuse_outside(id, "must be dropped and created again");
        self.set(id, Action::Replace);
        self.queue.push_back(Disturbance { object: id.clone(), how: How::Replaced });
    }

    /// What is a part of something cannot be built beside itself: the whole is.
    fn aside(&mut self, id: &ObjectId) {
        let id = id.root();
        let there = self.cx.from.contains(id) && self.cx.to.contains(id);
        if !there || matches!(self.work.actions.get(id), Some(Action::Aside(_))) {
            return;
        }
        self.refuse_outside(id, "must be built anew");
        let aside = self.names.aside(id);
        self.set(id, Action::Aside(aside.clone()));
        self.queue.push_back(Disturbance { object: id.clone(), how: How::Aside(aside) });
    }

    fn disturb(&mut self, what: &Disturbance) {
        let mut asked = BTreeSet::new();
        for edge in self.cx.users(Side::From, &what.object) {
            let (id, hard) = (&edge.user, edge.strength == Strength::Hard);
            if !hard || !asked.insert(id) || id == &what.object {
                continue;
            }
            let Some(object) = self.cx.from.get(id) else { continue };
            if !self.cx.to.contains(id) {
                continue;
            }
            match self.work.actions.get(id) {
                Some(Action::Replace | Action::Aside(_) | Action::DropAside(_) | Action::Drop) => {
                    continue;
                }
                // Its own change lets go of what is disturbed.
                Some(Action::Alter(_)) if !self.still_uses(id, &what.object) => continue,
                _ => {}
            }
            self.ask(id, object, what);
        }
    }

    fn ask(&mut self, id: &ObjectId, object: &Object, what: &Disturbance) {
        match object.survive(id, what, self.cx) {
            Survival::Keep => self.keep(id, what),
            Survival::Replace => self.replace(id),
            Survival::ReplaceAside => self.aside(id),
            Survival::Follow(steps) => {
                self.keep(id, what);
                self.alter(id, steps);
            }
            Survival::Refuse(refusal) => self.refusals.push(refusal),
        }
    }

    /// An object that goes for good while one that holds on to it stays just as it is, because its text does not
    /// say what it uses: the key behind a GROUP BY, the key that a foreign key refers to.
    fn silent_users(&mut self, changes: &[Change]) {
        for change in changes {
            let Change::Drop { id, .. } = change else { continue };
            // its users move over to its successor
            if matches!(self.work.actions.get(id), Some(Action::DropAside(_))) {
                continue;
            }
            let what = Disturbance { object: id.clone(), how: How::Replaced };
            for edge in self.cx.users(Side::From, id) {
                let user = &edge.user;
                if edge.strength == Strength::Hard
                    && self.cx.to.contains(user)
                    && !self.work.actions.contains_key(user)
                    && let Some(object) = self.cx.from.get(user)
                {
                    if !(self.covers)(user) {
                        self.refuse(id, user, "is dropped");
                        continue;
                    }
                    self.ask(user, object, &what);
                }
            }
        }
    }

    fn keep(&mut self, id: &ObjectId, what: &Disturbance) {
        if !matches!(what.how, How::Aside(_)) {
            self.work.kept.insert((id.clone(), what.object.clone()));
        }
    }

    /// Whether the desired object still uses this one, or what has taken its name.
    fn still_uses(&self, user: &ObjectId, used: &ObjectId) -> bool {
        !self.cx.to.contains(used)
            || self.cx.uses(Side::To, user).iter().any(|edge| &edge.used == used)
    }

    fn refuse_outside(&mut self, id: &ObjectId, what: &str) {
        for user in self.outside.get(id).cloned().unwrap_or_default() {
            self.refuse(id, user, what);
        }
    }

    fn refuse(&mut self, id: &ObjectId, user: &ObjectId, what: &str) {
        self.refusals.push(Refusal {
            object: id.clone(),
            reason: format!("it {what}, and {user}, which uses it, is outside the scope"),
            advice: format!("take {user} into the scope, or change it by hand first"),
        });
    }
}

/// Objects that go while one of another kind takes a name of theirs.
fn succeeded(changes: &[Change]) -> Vec<&ObjectId> {
    let taken: BTreeSet<Slot> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Create { id, to } => Some(to.slots(id)),
            _ => None,
        })
        .flatten()
        .collect();
    let is_succeeded = |change: &Change| match change {
        Change::Drop { id, from } => from.slots(id).iter().any(|slot| taken.contains(slot)),
        _ => false,
    };
    changes.iter().filter(|change| is_succeeded(change)).map(Change::id).collect()
}

fn outside<'a>(
    cx: &'a Context,
    request: &'a Request,
    covers: &dyn Fn(&ObjectId) -> bool,
) -> HashMap<&'a ObjectId, Vec<&'a ObjectId>> {
    let mut outside: HashMap<_, Vec<_>> = HashMap::new();
    // A user that was renamed is in scope under its new name.
    let foreign = |id: &&ObjectId| !covers(id) && !cx.from.contains(id);
    let foreign: Set<&ObjectId> = request.from.objects.keys().filter(foreign).collect();
    if foreign.is_empty() {
        return outside;
    }
    let partitions = ordain_model::partitions_left(request.from, &request.scope);
    for edge in &request.from.edges {
        // What belongs to an object goes with it, and a partition follows what is done to a part of its parent.
        let follows = edge.user.is_within(&edge.used)
            || edge.used.parent().is_some() && partitions.contains(edge.user.root());
        let holds = foreign.contains(&edge.user) && edge.strength == Strength::Hard && !follows;
        if holds && cx.from.contains(&edge.used) {
            outside.entry(&edge.used).or_default().push(&edge.user);
        }
    }
    outside
}
