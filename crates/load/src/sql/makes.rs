//! What a statement makes: names that others wait for, and the kinds that a source which holds it can speak of.

use ordain_model::Kind;
use pg_query::{
    NodeEnum,
    protobuf::{AlterTableType, ObjectType},
};

use crate::sql::{
    class::{commands, last, relation},
    roles::definitions,
};

/// The kinds, with those of the parts. Not extensions: that one is asked for says nothing of the others.
pub(crate) fn makes(node: &NodeEnum) -> &'static [Kind] {
    use NodeEnum as N;
    match node {
        N::ViewStmt(_) => &[Kind::View],
        N::CreateTableAsStmt(create) if create.objtype() == ObjectType::ObjectMatview => {
            &[Kind::MaterializedView]
        }
        N::CreateForeignTableStmt(_) => &[Kind::ForeignTable],
        N::CompositeTypeStmt(_) => &[Kind::Composite, Kind::Attribute],
        N::CreateRangeStmt(_) => &[Kind::Range],
        N::CreateFunctionStmt(create) if create.is_procedure => &[Kind::Procedure],
        N::CreateFunctionStmt(_) => &[Kind::Function],
        N::DefineStmt(define) => match define.kind() {
            ObjectType::ObjectAggregate => &[Kind::Aggregate],
            ObjectType::ObjectOperator => &[Kind::Operator],
            ObjectType::ObjectCollation => &[Kind::Collation],
            ObjectType::ObjectType => &[Kind::BaseType, Kind::ShellType],
            ObjectType::ObjectTsconfiguration => &[Kind::TextSearchConfiguration],
            ObjectType::ObjectTsdictionary => &[Kind::TextSearchDictionary],
            ObjectType::ObjectTsparser => &[Kind::TextSearchParser],
            ObjectType::ObjectTstemplate => &[Kind::TextSearchTemplate],
            _ => &[],
        },
        N::CreateTrigStmt(_) => &[Kind::Trigger],
        N::RuleStmt(_) => &[Kind::Rule],
        N::CreatePolicyStmt(_) => &[Kind::Policy],
        N::CreateStatsStmt(_) => &[Kind::Statistics],
        N::CreatePublicationStmt(_) => {
            &[Kind::Publication, Kind::PublishedTable, Kind::PublishedSchema]
        }
        N::CreateEventTrigStmt(_) => &[Kind::EventTrigger],
        N::CreateForeignServerStmt(_) => &[Kind::Server],
        N::CreateFdwStmt(_) => &[Kind::ForeignDataWrapper],
        N::CreateUserMappingStmt(_) => &[Kind::UserMapping],
        N::CreateSubscriptionStmt(_) => &[Kind::Subscription],
        N::CreateCastStmt(_) => &[Kind::Cast],
        N::CreateTransformStmt(_) => &[Kind::Transform],
        N::CreateConversionStmt(_) => &[Kind::Conversion],
        N::CreateOpClassStmt(_) | N::CreateOpFamilyStmt(_) => {
            &[Kind::OperatorClass, Kind::OperatorFamily, Kind::FamilyOperator, Kind::FamilyFunction]
        }
        N::CreateAmStmt(_) => &[Kind::AccessMethod],
        _ => &[],
    }
}

/// The last names of what it creates, ADD COLUMN and ADD CONSTRAINT included.
pub(crate) fn defines(node: &NodeEnum) -> Vec<String> {
    use NodeEnum as N;
    let one = |name: Option<&str>| name.map(str::to_owned).into_iter().collect::<Vec<_>>();
    match node {
        N::CreateStmt(c) => one(relation(c.relation.as_ref())),
        N::CreateForeignTableStmt(c) => {
            one(c.base_stmt.as_ref().and_then(|b| relation(b.relation.as_ref())))
        }
        N::ViewStmt(c) => one(relation(c.view.as_ref())),
        N::CreateTableAsStmt(c) => {
            one(c.into.as_ref().and_then(|into| relation(into.rel.as_ref())))
        }
        N::CreateSeqStmt(c) => one(relation(c.sequence.as_ref())),
        N::CompositeTypeStmt(c) => one(relation(c.typevar.as_ref())),
        N::CreateEnumStmt(c) => one(last(&c.type_name)),
        N::CreateRangeStmt(c) => {
            let multirange = definitions(&c.params).find_map(|(name, value)| match value {
                Some(N::TypeName(t)) if name == "multirange_type_name" => last(&t.names),
                _ => None,
            });
            let mut names = one(last(&c.type_name));
            names.extend(multirange.map(str::to_owned));
            names
        }
        N::CreateDomainStmt(c) => one(last(&c.domainname)),
        N::CreateFunctionStmt(c) => one(last(&c.funcname)),
        N::DefineStmt(c) => one(last(&c.defnames)),
        N::IndexStmt(c) => one(Some(&c.idxname).filter(|n| !n.is_empty()).map(String::as_str)),
        N::CreateSchemaStmt(c) => one(Some(&c.schemaname)),
        N::CreateForeignServerStmt(c) => one(Some(&c.servername)),
        N::CreateFdwStmt(c) => one(Some(&c.fdwname)),
        N::CreateTrigStmt(c) => one(Some(&c.trigname)),
        N::CreatePolicyStmt(c) => one(Some(&c.policy_name)),
        N::CreatePublicationStmt(c) => one(Some(&c.pubname)),
        N::CreateOpClassStmt(c) => one(last(&c.opclassname)),
        N::CreateOpFamilyStmt(c) => one(last(&c.opfamilyname)),
        N::CreateConversionStmt(c) => one(last(&c.conversion_name)),
        N::CreateStatsStmt(c) => one(last(&c.defnames)),
        N::CreateAmStmt(c) => one(Some(&c.amname)),
        N::RenameStmt(c) => one(Some(&c.newname)),
        // ADD COLUMN and ADD CONSTRAINT: what later statements may wait for.
        N::AlterTableStmt(alter) => commands(&alter.cmds)
            .filter_map(|c| match c.def.as_deref().and_then(|d| d.node.as_ref()) {
                Some(N::ColumnDef(column)) if c.subtype() == AlterTableType::AtAddColumn => {
                    Some(column.colname.clone())
                }
                Some(N::Constraint(constraint)) => Some(constraint.conname.clone()),
                _ => None,
            })
            .filter(|n| !n.is_empty())
            .collect(),
        N::AlterEnumStmt(alter) => one(Some(&alter.new_val)),
        _ => Vec::new(),
    }
}
