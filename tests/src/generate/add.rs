//! One thing more in a schema.

use super::{
    Rng,
    choose::{COLUMNS, column, comment, free, index_keys, predicates, probe, routine, type_def},
    schema::{
        Column, Constraint, ConstraintKind, Filling, Index, Partitions, Policy, Qualified, Routine,
        Schema, Sequence, Table, Trigger, Type, View,
    },
};

pub fn add_type(schema: &mut Schema, rng: &mut Rng) {
    if let Some(name) = free(rng, schema) {
        let def = type_def(rng, schema);
        schema.types.insert(name, def);
    }
}

pub fn add_sequence(schema: &mut Schema, rng: &mut Rng) {
    let Some(name) = free(rng, schema) else { return };
    let tables =
        schema.tables.iter().filter(|(t, table)| t.0 == name.0 && table.partitions.is_none());
    let owners: Vec<_> = tables
        .flat_map(|(t, table)| table.columns.iter().map(|c| (t.clone(), c.name.clone())))
        .collect();
    let sequence = Sequence {
        increment: *rng.pick(&[1, 2, -1]),
        maximum: rng.chance(30).then_some(1000),
        cycle: rng.chance(30),
        owned_by: rng.chance(40).then(|| rng.choose(owners)).flatten(),
    };
    schema.sequences.insert(name, sequence);
}

pub fn add_routine(schema: &mut Schema, rng: &mut Rng) {
    if let Some(name) = free(rng, schema) {
        let routine = routine(rng, schema);
        schema.routines.insert(name, routine);
    }
}

pub fn add_table(schema: &mut Schema, rng: &mut Rng) {
    let Some(name) = free(rng, schema) else { return };
    let mut table = Table { comment: comment(rng), unlogged: rng.chance(8), ..Table::default() };
    let parents =
        schema.tables.iter().filter(|(_, t)| t.partitions.is_none() && t.parent.is_none());
    let parents: Vec<_> = parents.map(|(n, _)| n.clone()).collect();
    table.parent = rng.chance(12).then(|| rng.choose(parents)).flatten();
    if table.parent.is_none() {
        let id = Type::base(rng.pick::<&str>(&["integer", "bigint"]));
        let filling = if rng.chance(40) {
            Filling::Identity { always: rng.chance(50) }
        } else {
            Filling::Nothing
        };
        table.columns.push(Column { filling, not_null: true, ..probe("id", &id) });
        if rng.chance(20) {
            let strategy = *rng.pick(&["RANGE", "LIST", "HASH"]);
            let names = (0..=rng.below(3))
                .map(|n| (format!("{}_p{n}", name.1), n + usize::from(strategy == "HASH")));
            table.partitions = Some(Partitions { strategy, children: names.collect() });
            table.columns[0].filling = Filling::Nothing;
        }
        if rng.chance(80) {
            let key =
                Constraint { kind: ConstraintKind::Primary(vec!["id".into()]), comment: None };
            table.constraints.insert(format!("{}_pkey", name.1), key);
        }
    }
    for _ in 0..=rng.below(6) {
        let column_name = *rng.pick(&COLUMNS);
        if table.column(column_name).is_none() {
            table.columns.push(column(rng, schema, column_name));
        }
    }
    schema.tables.insert(name, table);
}

/// A constraint, an index, a trigger, a policy or a column more.
pub fn add_to_table(schema: &mut Schema, rng: &mut Rng) {
    let Some(of) = rng.choose(schema.tables.keys().cloned()) else { return };
    let all = schema.clone();
    let t = all.tables[&of].clone();
    let Some(table) = schema.tables.get_mut(&of) else { return };
    let Some(column_of) = rng.choose(t.columns.iter().cloned()) else { return };
    let fresh =
        Qualified(of.0.clone(), format!("{}_{}", rng.pick(&["c", "x", "Key"]), rng.below(6)));
    if all.is_taken(&fresh) {
        return;
    }
    let partitioned = table.partitions.is_some();
    match rng.below(9) {
        0 | 1 => {
            let name = *rng.pick(&COLUMNS);
            if table.column(name).is_none() {
                let mut new = column(rng, &all, name);
                if let (true, Some(from)) = (
                    rng.chance(15),
                    t.columns.iter().find(|c| {
                        c.r#type.is_integer() && !matches!(c.filling, Filling::Generated(_))
                    }),
                ) {
                    new.r#type = Type::base("bigint");
                    new.filling = Filling::Generated(from.name.clone());
                }
                table.columns.insert(rng.below(table.columns.len() + 1), new);
            }
        }
        2 => {
            if let Some((method, key)) = rng.choose(index_keys(&all, &column_of)) {
                let predicates = predicates(&all, &column_of);
                let predicate = rng.chance(30).then(|| rng.choose(predicates)).flatten();
                let index = Index {
                    unique: method == "btree"
                        && !partitioned
                        && rng.chance(15)
                        && column_of.name == "id",
                    include: (method == "btree" && rng.chance(15))
                        .then(|| t.columns[0].name.clone()),
                    predicate: predicate.map(|p| (column_of.name.clone(), p)),
                    comment: comment(rng),
                    column: column_of.name.clone(),
                    key,
                    method,
                };
                table.indexes.insert(fresh.1, index);
            }
        }
        3 => {
            if let Some(sql) = rng.choose(predicates(&all, &column_of)) {
                let no_inherit = rng.chance(10) && !partitioned;
                let kind =
                    ConstraintKind::Check { column: column_of.name.clone(), sql, no_inherit };
                table.constraints.insert(fresh.1, Constraint { kind, comment: comment(rng) });
            }
        }
        4 | 5 => {
            let keys = all.tables.iter().filter(|(_, t)| {
                t.has_key() && t.column("id").is_some_and(|c| c.r#type == column_of.r#type)
            });
            if let Some(target) = rng.choose(keys.map(|(n, _)| n.clone())) {
                let kind = ConstraintKind::Foreign {
                    column: column_of.name.clone(),
                    table: target,
                    action: rng.pick::<&str>(&[
                        "",
                        " ON DELETE CASCADE",
                        " ON UPDATE RESTRICT",
                        " ON DELETE SET NULL",
                    ]),
                    deferrable: rng.chance(20),
                    not_valid: rng.chance(10) && !partitioned,
                };
                table.constraints.insert(fresh.1, Constraint { kind, comment: None });
            }
        }
        6 => {
            let functions =
                all.routines.iter().filter(|(_, r)| matches!(r, Routine::Trigger { .. }));
            if let Some(function) = rng.choose(functions.map(|(n, _)| n.clone())) {
                let row = rng.chance(70);
                let trigger = Trigger {
                    function,
                    after: !row || rng.chance(50),
                    row,
                    of: rng.chance(30).then(|| column_of.name.clone()),
                    when: row && rng.chance(40),
                    enabled: rng.chance(85),
                };
                table.triggers.insert(fresh.1, trigger);
            }
        }
        7 => {
            let numbers = all.routines.iter().filter(|(_, r)| matches!(r, Routine::Number { .. }));
            let calls = rng.choose(numbers.map(|(n, _)| n.clone()));
            let calls = calls.filter(|_| column_of.r#type == Type::base("integer"));
            let command = *rng.pick(&["ALL", "SELECT", "UPDATE", "DELETE"]);
            let policy = Policy {
                command,
                permissive: rng.chance(70),
                column: column_of.name.clone(),
                calls,
            };
            table.policies.insert(fresh.1, policy);
            table.row_security = rng.chance(80);
        }
        _ => {
            if column_of.r#type.is_integer() && !partitioned && column_of.name == "id" {
                let kind = if rng.chance(50) {
                    ConstraintKind::Exclude { column: column_of.name.clone() }
                } else {
                    ConstraintKind::Unique {
                        columns: vec!["id".into()],
                        deferrable: rng.chance(30),
                    }
                };
                table.constraints.insert(fresh.1, Constraint { kind, comment: comment(rng) });
            }
        }
    }
}

pub fn add_view(schema: &mut Schema, rng: &mut Rng) {
    let Some(name) = free(rng, schema) else { return };
    let tables = schema.tables.iter().filter(|(_, t)| !t.columns.is_empty());
    let mut sources: Vec<(Qualified, Vec<Column>)> =
        tables.map(|(n, t)| (n.clone(), t.columns.clone())).collect();
    for view in &schema.views {
        if let Some((_, columns)) = sources.iter().find(|(n, _)| *n == view.of) {
            let columns =
                columns.iter().filter(|c| view.columns.contains(&c.name)).cloned().collect();
            sources.push((view.name.clone(), columns));
        }
    }
    let Some((of, columns)) = rng.choose(sources) else { return };
    let mut chosen: Vec<_> =
        columns.iter().filter(|_| rng.chance(70)).map(|c| c.name.clone()).collect();
    if chosen.is_empty() {
        chosen.extend(columns.first().map(|c| c.name.clone()));
    }
    let predicate = rng
        .choose(columns)
        .and_then(|c| Some((c.name.clone(), rng.choose(predicates(schema, &c))?)));
    let numbers = schema.routines.iter().filter(|(_, r)| matches!(r, Routine::Number { .. }));
    let calls = rng.choose(numbers.map(|(n, _)| n.clone())).filter(|_| rng.chance(25));
    let materialized = rng.chance(25);
    schema.views.push(View {
        name,
        of,
        columns: chosen,
        predicate: predicate.filter(|_| rng.chance(50)),
        materialized,
        barrier: !materialized && rng.chance(20),
        calls,
        comment: comment(rng),
    });
}
