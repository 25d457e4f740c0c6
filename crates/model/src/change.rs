//! What differs between two catalogs, object by object.

use serde::{Deserialize, Serialize};

use crate::{Object, ObjectId};

/// One difference. An object that is the same on both sides has none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    Create {
        id: ObjectId,
        to: Object,
    },
    Drop {
        id: ObjectId,
        from: Object,
    },
    Alter {
        id: ObjectId,
        from: Object,
        to: Object,
    },
    /// The same object under another name; an `Alter` of the new id follows when it also changes.
    Rename {
        from: ObjectId,
        to: ObjectId,
    },
}

impl Change {
    /// The object's id after the change, or before it for a drop.
    pub fn id(&self) -> &ObjectId {
        match self {
            Change::Create { id, .. } | Change::Drop { id, .. } | Change::Alter { id, .. } => id,
            Change::Rename { to, .. } => to,
        }
    }
}
