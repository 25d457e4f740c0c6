//! Addresses as the server has them, and which object each one means.

use std::collections::HashMap;

use ordain_model::{ObjectId, hash::Map};

/// `classid, objid, objsubid`: see the manual's `pg_depend`.
pub(crate) type Address = (u32, u32, i32);

/// One row of `pg_depend`.
#[derive(Clone, Copy)]
pub(crate) struct Depend {
    pub user: Address,
    pub used: Address,
    pub kind: u8,
}

/// Where in [`Addresses::ids`] an object stands.
pub(crate) type Index = u32;

/// All that was read so far, by address.
#[derive(Default)]
pub(crate) struct Addresses {
    /// OIDs of the system catalogs: `pg_class` → 1259.
    pub classes: HashMap<String, u32>,
    /// `pg_class` itself, and those that [`resolve`](Addresses::resolve) asks for all the time.
    pub relations: u32,
    types: u32,
    extensions: u32,
    constraints: u32,
    pub ids: Vec<ObjectId>,
    exact: Map<Address, Index>,
    /// Members of extensions → the extension's OID.
    extension_of: Map<(u32, u32), u32>,
    /// What an address is an internal part of: the rule of a view, the row type of a table, the index of a constraint.
    part_of: Map<(u32, u32), Address>,
}

/// What stands behind an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub index: Index,
    /// Whether the address is a row type and the object the relation it belongs to.
    pub row_type: bool,
    /// Whether it is what a partition has of its parent's constraint: the parent's own edges say it all.
    pub piece: bool,
}

impl Addresses {
    pub fn new(classes: HashMap<String, u32>) -> Self {
        let class = |name: &str| classes.get(name).copied().unwrap_or_default();
        Self {
            relations: class("pg_class"),
            types: class("pg_type"),
            extensions: class("pg_extension"),
            constraints: class("pg_constraint"),
            classes,
            ..Self::default()
        }
    }

    /// Learns from `pg_depend` who belongs to which extension and what is part of what.
    pub fn learn(&mut self, depends: &[Depend]) {
        let class = |name: &str| self.classes.get(name).copied().unwrap_or_default();
        let (constraint, attrdef) = (self.constraints, class("pg_attrdef"));
        for depend in depends.iter().filter(|depend| depend.kind == b'e') {
            let (class, object, _) = depend.user;
            self.extension_of.insert((class, object), depend.used.1);
        }
        // A partition's constraint is part of its own index before its parent's, and of that before its columns.
        for kind in [b'i', b'P', b'a'] {
            for depend in depends.iter().filter(|depend| depend.kind == kind) {
                let (class, object, sub) = depend.user;
                let same = (class, object) == (depend.used.0, depend.used.1);
                let counts = kind != b'a' || class == constraint || class == attrdef;
                if sub == 0 && !same && counts {
                    self.part_of.entry((class, object)).or_insert(depend.used);
                }
            }
        }
    }

    pub fn is_extension_member(&self, address: Address) -> bool {
        self.extension_of.contains_key(&(address.0, address.1))
    }

    /// Whether it is an internal part of something else, known or not.
    pub fn is_part(&self, address: Address) -> bool {
        self.part_of.contains_key(&(address.0, address.1))
    }

    /// Adds an object. Satellites that share their parent's address come after it and do not take it over.
    pub fn add(&mut self, address: Address, id: ObjectId) -> Index {
        let index = self.ids.len() as Index;
        if address.1 != 0 {
            self.exact.entry(address).or_insert(index);
        }
        self.ids.push(id);
        index
    }

    /// All indexes in the order of their ids, worked out once: comparing names is what costs at 100,000 objects.
    pub fn order(&self) -> Vec<Index> {
        let mut order: Vec<Index> = (0..self.ids.len() as Index).collect();
        order.sort_by(|a, b| self.ids[*a as usize].cmp(&self.ids[*b as usize]));
        order
    }

    /// The object with exactly this address.
    pub fn exact(&self, address: Address) -> Option<&ObjectId> {
        self.exact.get(&address).map(|index| &self.ids[*index as usize])
    }

    /// The object that an address belongs to, however indirectly.
    pub fn resolve(&self, address: Address) -> Option<Meaning> {
        let mut at = address;
        let (mut row_type, mut piece) = (false, false);
        // Chains are short (array → row type → table); the bound only guards against a corrupt catalog.
        for _ in 0..8 {
            let (class, object, _) = at;
            if let Some(&extension) = self.extension_of.get(&(class, object)) {
                let index = *self.exact.get(&(self.extensions, extension, 0))?;
                return Some(Meaning { index, row_type: false, piece });
            }
            let found = self.exact.get(&at).or_else(|| self.exact.get(&(class, object, 0)));
            if let Some(&index) = found {
                return Some(Meaning { index, row_type, piece });
            }
            let whole = *self.part_of.get(&(class, object))?;
            row_type |= class == self.types && whole.0 == self.relations;
            piece |= class == self.constraints && whole.0 == self.constraints;
            at = whole;
        }
        None
    }
}
