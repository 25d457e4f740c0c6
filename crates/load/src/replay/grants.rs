//! GRANT and REVOKE on what the files' role does not own: what the engine made, the server's own, an extension's.
//! Rights on the latter two may be rights to reach out of the database, so they are given when the files are done.

use std::sync::PoisonError;

use pg_query::{
    Node, NodeEnum,
    protobuf::{GrantStmt, GrantTargetType, ObjectType},
};

use super::{Replay, last::Late};
use crate::{
    LoadError, ShadowError,
    sql::{class::last, parse::parse, roles::string},
};

/// Whose objects of a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Files,
    Extensions,
}

impl Replay<'_> {
    /// A grant that the server refused to the files' role. What that role may grant of it is done now.
    pub(super) fn grant_later(&mut self, index: usize, grant: &GrantStmt) -> Result<(), LoadError> {
        if grant.targtype() != GrantTargetType::AclTargetAllInSchema {
            self.late.push(Late::Statement { index, sql: sql(grant) });
            return Ok(());
        }
        if let Some(own) = self.spelled_out(grant, Whose::Files)? {
            // Refused again, it would be told as what is not there.
            let _ = self.send(&sql(&own))?;
        }
        self.later_on_extensions(index, grant)
    }

    /// The server only warns where some right, but none to grant, is held.
    pub(super) fn grants_that_had_no_effect(&mut self, ran: &[usize]) -> Result<(), LoadError> {
        let warned = {
            let mut warned = self.stage.warned.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *warned)
        };
        if warned.is_empty() || self.stage.engine.is_none() {
            return Ok(());
        }
        let script = self.script;
        for &index in ran {
            let Ok(NodeEnum::GrantStmt(grant)) = parse(&script.statements[index].span) else {
                continue;
            };
            if grant.targtype() == GrantTargetType::AclTargetAllInSchema {
                self.later_on_extensions(index, &grant)?;
            } else if names(&grant.objects).any(|name| warned.contains(name)) {
                self.late.push(Late::Statement { index, sql: sql(&grant) });
            }
        }
        Ok(())
    }

    fn later_on_extensions(&mut self, index: usize, grant: &GrantStmt) -> Result<(), LoadError> {
        if let Some(theirs) = self.spelled_out(grant, Whose::Extensions)? {
            self.late.push(Late::Statement { index, sql: sql(&theirs) });
        }
        Ok(())
    }

    /// `ON ALL … IN SCHEMA` with the names of the objects that are there now.
    fn spelled_out(
        &mut self,
        grant: &GrantStmt,
        whose: Whose,
    ) -> Result<Option<GrantStmt>, LoadError> {
        let Some(engine) = self.stage.engine.as_mut() else { return Ok(None) };
        let (word, query) = match grant.objtype() {
            ObjectType::ObjectTable => ("TABLE", RELATIONS.replace("$kinds", "'{r,v,m,f,p}'")),
            ObjectType::ObjectSequence => ("SEQUENCE", RELATIONS.replace("$kinds", "'{S}'")),
            ObjectType::ObjectFunction => ("FUNCTION", ROUTINES.replace("$kinds", "'{f,w,a}'")),
            ObjectType::ObjectProcedure => ("PROCEDURE", ROUTINES.replace("$kinds", "'{p}'")),
            ObjectType::ObjectRoutine => ("ROUTINE", ROUTINES.replace("$kinds", "'{f,w,a,p}'")),
            _ => return Ok(None),
        };
        let schemas: Vec<&str> = grant.objects.iter().filter_map(string).collect();
        let rows = engine
            .query(&query, &[&schemas, &(whose == Whose::Extensions)])
            .map_err(ShadowError::server("looking at what is in a schema"))?;
        let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let all = format!("grant all on {word} {} to public", names.join(", "));
        let parsed =
            pg_query::parse(&all, 0).ok().and_then(|p| p.protobuf.stmts.into_iter().next());
        Ok(match parsed.and_then(|raw| raw.stmt).and_then(|stmt| stmt.node) {
            Some(NodeEnum::GrantStmt(named)) => {
                let mut grant = grant.clone();
                grant.objects = named.objects;
                grant.set_targtype(GrantTargetType::AclTargetObject);
                Some(grant)
            }
            _ => None,
        })
    }
}

const RELATIONS: &str = "
    select pg_catalog.format('%I.%I', n.nspname, c.relname)
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any ($1::text[]) and c.relkind = any ($kinds) and $2 = exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')";

const ROUTINES: &str = "
    select pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid))
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname = any ($1::text[]) and p.prokind = any ($kinds) and $2 = exists (
        select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')";

fn sql(grant: &GrantStmt) -> String {
    NodeEnum::GrantStmt(grant.clone()).deparse(Default::default()).unwrap_or_default()
}

/// The last names of the objects of a GRANT.
fn names(objects: &[Node]) -> impl Iterator<Item = &str> {
    objects.iter().filter_map(|object| match &object.node {
        Some(NodeEnum::RangeVar(relation)) => Some(relation.relname.as_str()),
        Some(NodeEnum::ObjectWithArgs(routine)) => last(&routine.objname),
        Some(NodeEnum::TypeName(name)) => last(&name.names),
        Some(NodeEnum::List(list)) => last(&list.items),
        _ => string(object),
    })
}
