//! Who owns an object, where that is not the role that applies. Manual: 5.7 Privileges, ALTER … OWNER TO.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    Alter, Context, Definition, Kind, Managed, ObjectId, ReadError, Row, Scope, Step, quote,
};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Owner {
    pub role: String,
}

fn sql(id: &ObjectId, role: &str) -> String {
    let of = id.root();
    format!("ALTER {} {} OWNER TO {role}", of.kind().keyword(), of.sql())
}

impl Definition for Owner {
    const QUERY: &'static str = include_str!("owner.sql");
    const CATALOG: &'static str = "pg_class";
    const OF: Option<&'static str> = Some("of");

    fn read(row: &mut dyn Row) -> Result<(ObjectId, Self), ReadError> {
        let role = row.text()?;
        Ok((ObjectId::member(Kind::Owner, &row.object()?, ""), Self { role }))
    }

    fn create(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        vec![Step::create(id, sql(id, &quote::ident(&self.role))).undo(sql(id, "CURRENT_ROLE"))]
    }

    fn drop(&self, id: &ObjectId, _cx: &Context) -> Vec<Step> {
        let back = sql(id, &quote::ident(&self.role));
        vec![Step::drop(id, sql(id, "CURRENT_ROLE")).undo(back).with(id.root())]
    }

    fn alter(&self, id: &ObjectId, to: &Self, _cx: &Context) -> Alter {
        let Self { role: old } = self;
        let Self { role } = to;
        Alter::InPlace(vec![
            Step::alter(id, sql(id, &quote::ident(role))).undo(sql(id, &quote::ident(old))),
        ])
    }

    fn retain(&self, scope: &Scope) -> Option<Cow<'_, Self>> {
        let covers = match &scope.owners {
            Managed::All => true,
            Managed::None => false,
            Managed::Roles(roles) => roles.contains(&self.role),
        };
        covers.then_some(Cow::Borrowed(self))
    }
}
