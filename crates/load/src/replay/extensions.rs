//! Extensions come first, while the database holds nothing of the files' own: their scripts run as superuser.

use std::collections::{BTreeMap, BTreeSet};

use pg_query::NodeEnum;

use super::Replay;
use crate::{
    LoadError, ShadowError,
    sql::{
        blocks::extensions_in_block,
        class::{Class, last},
        parse::parse,
        roles::{definitions, string},
    },
};

impl Replay<'_> {
    /// Makes every extension that exists when the files are done, in their order.
    pub(super) fn extensions(&mut self) -> Result<(), LoadError> {
        if self.stage.engine.is_none() {
            return self.extensions_elsewhere(&BTreeSet::new());
        }
        let script = self.script;
        // Name → statements that make and change it; a DROP begins anew.
        let mut wanted: BTreeMap<String, Vec<(usize, NodeEnum)>> = BTreeMap::new();
        let mut order: Vec<String> = Vec::new();
        let mut in_blocks = Vec::new();
        for (index, statement) in script.statements.iter().enumerate() {
            if statement.judged.class == Class::Alone
                && let Ok(node) = parse(&statement.span)
            {
                in_blocks.extend(extensions_in_block(&node).into_iter().map(|it| (index, it)));
            }
            if statement.judged.class != Class::Extension {
                continue;
            }
            self.done[index] = true;
            let Ok(node) = parse(&statement.span) else { continue };
            match &node {
                NodeEnum::CreateExtensionStmt(create) => {
                    let name = create.extname.clone();
                    order.push(name.clone());
                    wanted.entry(name).or_default().push((index, node));
                }
                NodeEnum::AlterExtensionStmt(alter) => {
                    wanted.entry(alter.extname.clone()).or_default().push((index, node));
                }
                NodeEnum::DropStmt(drop) => {
                    for name in drop
                        .objects
                        .iter()
                        .filter_map(|o| string(o).or_else(|| last(std::slice::from_ref(o))))
                    {
                        wanted.remove(name);
                    }
                }
                _ => {}
            }
        }
        let mut made: BTreeSet<String> = wanted.keys().cloned().collect();
        for name in order {
            for (index, node) in wanted.remove(&name).unwrap_or_default() {
                self.extension(index, &name, &node)?;
            }
        }
        for (index, create) in in_blocks {
            let name = create.extname.clone();
            if made.contains(&name) {
                continue;
            }
            match self.extension(index, &name, &NodeEnum::CreateExtensionStmt(create)) {
                Ok(()) => _ = made.insert(name),
                // the block says it itself, if it comes to that
                Err(LoadError::Sql(_) | LoadError::Shadow(ShadowError::NoExtension { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        self.extensions_elsewhere(&made)
    }

    fn extension(&mut self, index: usize, name: &str, node: &NodeEnum) -> Result<(), LoadError> {
        let script = self.script;
        let statement = &script.statements[index];
        if let NodeEnum::CreateExtensionStmt(create) = node {
            let schema = definitions(&create.options).find_map(|(option, value)| match value {
                Some(NodeEnum::String(schema)) if option == "schema" => Some(schema.sval.clone()),
                _ => None,
            });
            match &schema {
                Some(schema) => self.schema_for(schema)?,
                None => {
                    for schema in crate::hints::schemas(&self.search_path(statement.settings)?) {
                        self.schema_for(&schema)?;
                    }
                }
            }
        }
        let path = self.search_path(statement.settings)?;
        let sql = node.deparse(Default::default()).unwrap_or_else(|_| statement.sql());
        // IF NOT EXISTS: the same extension may be asked for by several files.
        let Err(error) = self.as_engine(&path, std::slice::from_ref(&sql))? else { return Ok(()) };
        let missing = error.code() == &postgres::error::SqlState::UNDEFINED_FILE
            || error.message().contains("is not available")
            || error.message().contains("could not open extension control file");
        if missing {
            return Err(ShadowError::NoExtension {
                name: name.to_owned(),
                major: self.stage.major,
                message: error.message().to_owned(),
            }
            .into());
        }
        let failure =
            super::failure::Failure { offset: 0, ..super::failure::Failure::new(&error, &sql) };
        Err(LoadError::Sql(vec![failure.at(statement)]))
    }

    /// The schema that an extension is put into, if the files make it: an empty one holds nothing to fear.
    fn schema_for(&mut self, schema: &str) -> Result<(), LoadError> {
        let script = self.script;
        let made =
            script.statements.iter().position(|s| s.judged.schema.as_deref() == Some(schema));
        let Some(index) = made.filter(|&i| !self.done[i]) else { return Ok(()) };
        // Not with what may stand in the same statement behind the name.
        let plain = matches!(
            parse(&script.statements[index].span),
            Ok(NodeEnum::CreateSchemaStmt(create)) if create.schema_elts.is_empty()
        );
        if plain && schema != "public" {
            self.single(index)?;
        }
        Ok(())
    }
}
