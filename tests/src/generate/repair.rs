//! Removes what refers to nothing, until nothing is removed.

use super::schema::{Column, ConstraintKind, Filling, Qualified, Routine, Schema, Type, TypeDef};

pub fn repair(schema: &mut Schema) {
    loop {
        let before = format!("{schema:?}");
        once(schema);
        if before == format!("{schema:?}") {
            return;
        }
    }
}

fn once(schema: &mut Schema) {
    let s = schema.clone();
    let in_schema = |name: &Qualified| name.0 == "public" || s.schemas.contains(&name.0);
    let type_is_there = |t: &Type| t.named().is_none_or(|name| s.types.contains_key(name));
    let is_enum = |name: &Qualified| matches!(s.types.get(name), Some(TypeDef::Enum { .. }));

    schema.types.retain(|name, def| {
        in_schema(name)
            && match def {
                TypeDef::Enum { labels, .. } => !labels.is_empty(),
                TypeDef::Domain { base, check, .. } => {
                    // A check that names a label goes with the label, and a domain over a domain is not made here.
                    let over = base.named().is_none_or(is_enum);
                    let label = check.as_ref().and_then(|c| c.split('\'').nth(1));
                    let known = s
                        .labels(base)
                        .is_none_or(|l| label.is_none_or(|c| l.iter().any(|x| x == c)));
                    type_is_there(base) && over && known
                }
                TypeDef::Composite { attributes, .. } => {
                    !attributes.is_empty()
                        && attributes
                            .iter()
                            .all(|(_, t)| t.named().is_none_or(is_enum) && type_is_there(t))
                }
            }
    });
    schema.routines.retain(|name, routine| {
        in_schema(name)
            && match routine {
                Routine::OfType { r#type } => s.types.contains_key(r#type),
                Routine::IsLabel { r#type, label } => {
                    s.labels(&Type::Named(r#type.clone())).is_some_and(|l| l.contains(label))
                }
                Routine::Count { table } | Routine::SetOf { table } | Routine::OfRow { table } => {
                    s.tables.contains_key(table)
                }
                _ => true,
            }
    });
    schema.sequences.retain(|name, _| in_schema(name));
    for (name, sequence) in &mut schema.sequences {
        // The server wants both in one schema.
        let there = |(table, column): &(Qualified, String)| {
            table.0 == name.0
                && s.tables.get(table).is_some_and(|t| {
                    t.column(column).is_some_and(|c| !matches!(c.filling, Filling::Identity { .. }))
                })
        };
        sequence.owned_by = sequence.owned_by.take().filter(there);
    }
    schema.tables.retain(|name, table| in_schema(name) && !table.columns.is_empty());
    for (name, table) in &mut schema.tables {
        let plain = |of: &Qualified| {
            of != name
                && s.tables.get(of).is_some_and(|t| t.partitions.is_none() && t.parent.is_none())
        };
        table.parent = table.parent.take().filter(plain);
        if table.partitions.is_some() {
            table.parent = None;
            table.unlogged = false;
        }
        let inherited: Vec<Column> =
            table.parent.as_ref().map_or_else(Vec::new, |p| s.tables[p].columns.clone());
        table.columns.retain(|column| {
            type_is_there(&column.r#type) && !inherited.iter().any(|c| c.name == column.name)
        });
        let columns = table.columns.clone();
        for column in &mut table.columns {
            let keep = match &column.filling {
                Filling::Nothing => true,
                Filling::Identity { .. } => {
                    column.r#type.is_integer() && table.partitions.is_none()
                }
                Filling::Literal(literal) => fits(&s, &column.r#type, literal),
                Filling::NextVal(sequence) => {
                    s.sequences.contains_key(sequence) && column.r#type.is_integer()
                }
                Filling::Call(f) => {
                    matches!(s.routines.get(f), Some(Routine::Number { .. }))
                        && column.r#type.is_integer()
                }
                Filling::Generated(from) => {
                    column.r#type == Type::base("bigint")
                        && columns.iter().any(|c| {
                            c.name == *from
                                && c.r#type.is_integer()
                                && !matches!(c.filling, Filling::Generated(_))
                        })
                }
            };
            if !keep {
                column.filling = Filling::Nothing;
            }
            if matches!(column.filling, Filling::Identity { .. }) {
                column.not_null = true;
            }
        }
        let has = |column: &str| columns.iter().any(|c| c.name == column);
        let of = |column: &str| columns.iter().find(|c| c.name == column);
        let (partitioned, unlogged) = (table.partitions.is_some(), table.unlogged);
        table.constraints.retain(|_, constraint| match &constraint.kind {
            ConstraintKind::Primary(c) => {
                c.iter().all(|c| has(c)) && (!partitioned || c.iter().any(|c| c == "id"))
            }
            ConstraintKind::Unique { columns: c, .. } => {
                c.iter().all(|c| has(c)) && (!partitioned || c.iter().any(|c| c == "id"))
            }
            ConstraintKind::Check { column, sql, no_inherit } => {
                of(column).is_some_and(|c| mentions(&s, c, sql)) && !(*no_inherit && partitioned)
            }
            ConstraintKind::Foreign { column, table, not_valid, .. } => {
                let target =
                    s.tables.get(table).filter(|t| t.has_key() && (unlogged || !t.unlogged));
                let key = target.and_then(|t| t.column("id"));
                of(column).is_some_and(|c| key.is_some_and(|k| k.r#type == c.r#type))
                    && !(partitioned && *not_valid)
                    && of(column).is_some_and(|c| !matches!(c.filling, Filling::Generated(_)))
            }
            ConstraintKind::Exclude { column } => {
                of(column).is_some_and(|c| c.r#type.is_integer()) && !partitioned
            }
        });
        let mut primary = false;
        table.constraints.retain(|_, c| {
            let is = matches!(c.kind, ConstraintKind::Primary(_));
            !is || !std::mem::replace(&mut primary, true)
        });
        table.indexes.retain(|_, index| {
            let predicate = index
                .predicate
                .as_ref()
                .is_none_or(|(column, sql)| of(column).is_some_and(|c| mentions(&s, c, sql)));
            let key =
                of(&index.column).is_some_and(|c| index_fits(&s, c, &index.key, index.method));
            predicate
                && key
                && index.include.as_ref().is_none_or(|c| has(c))
                && !(partitioned && index.unique)
        });
        table.triggers.retain(|_, trigger| {
            matches!(s.routines.get(&trigger.function), Some(Routine::Trigger { .. }))
                && trigger.of.as_ref().is_none_or(|c| has(c))
        });
        // a generated column is worked out after BEFORE triggers, so the condition may not look at it
        let is_generated = |c: &Column| matches!(c.filling, Filling::Generated(_));
        let generated = table.columns.iter().chain(&inherited).any(is_generated);
        for trigger in table.triggers.values_mut().filter(|_| generated) {
            trigger.after |= trigger.when;
        }
        table.policies.retain(|_, policy| {
            has(&policy.column)
                && policy.calls.as_ref().is_none_or(|f| {
                    matches!(s.routines.get(f), Some(Routine::Number { .. }))
                        && of(&policy.column).is_some_and(|c| c.r#type == Type::base("integer"))
                })
        });
        if let Some(partitions) = &table.partitions {
            let fits = of("id").is_some_and(|c| c.r#type.is_integer())
                && (partitions.strategy != "HASH"
                    || !partitions.children.values().any(|n| *n == 0));
            if !fits {
                table.partitions = None;
            }
        }
    }
    let mut known: Vec<(Qualified, Vec<(String, Type)>)> = s
        .tables
        .iter()
        .map(|(name, t)| {
            (name.clone(), t.columns.iter().map(|c| (c.name.clone(), c.r#type.clone())).collect())
        })
        .collect();
    schema.views.retain(|view| {
        let Some((_, columns)) = known.iter().find(|(name, _)| *name == view.of) else {
            return false;
        };
        let of = |name: &String| columns.iter().find(|(c, _)| c == name);
        let predicate = view.predicate.as_ref().is_none_or(|(column, sql)| {
            of(column).is_some_and(|(name, t)| {
                let column = Column {
                    name: name.clone(),
                    r#type: t.clone(),
                    not_null: false,
                    filling: Filling::Nothing,
                    comment: None,
                };
                mentions(&s, &column, sql)
            })
        });
        let calls = view
            .calls
            .as_ref()
            .is_none_or(|f| matches!(s.routines.get(f), Some(Routine::Number { .. })));
        let ok = in_schema(&view.name)
            && !view.columns.is_empty()
            && view.columns.iter().all(|c| of(c).is_some())
            && predicate
            && calls
            && !(view.materialized && s.tables.contains_key(&view.name));
        if ok {
            let columns = view.columns.iter().filter_map(|c| of(c).cloned()).collect();
            known.push((view.name.clone(), columns));
        }
        ok
    });
}

/// Whether a literal is one of the type.
fn fits(schema: &Schema, r#type: &Type, literal: &str) -> bool {
    match schema.labels(r#type) {
        Some(labels) => {
            labels.iter().any(|label| literal == format!("'{}'", label.replace('\'', "''")))
        }
        None => super::choose::literals(r#type).iter().any(|l| l == literal),
    }
}

/// Whether a predicate that was made for a column still holds for it.
fn mentions(schema: &Schema, column: &Column, sql: &str) -> bool {
    super::choose::predicates(schema, column).iter().any(|p| p == sql)
}

fn index_fits(schema: &Schema, column: &Column, key: &str, method: &str) -> bool {
    super::choose::index_keys(schema, column).iter().any(|(m, k)| *m == method && k == key)
}
