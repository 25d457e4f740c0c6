//! Whole schemas, and changes to them.

use super::{
    Rng,
    add::{add_routine, add_sequence, add_table, add_to_table, add_type, add_view},
    choose::{
        LABELS, any_type, base_type, comment, filling, free, predicates, probe, routine, type_def,
        unquote_value,
    },
    repair::repair,
    schema::{ConstraintKind, Filling, Routine, Schema, TypeDef},
};

type Change = fn(&mut Schema, &mut Rng);

pub fn schema(rng: &mut Rng) -> Schema {
    let mut schema = Schema::default();
    for name in ["app", "My Schema"] {
        if rng.chance(50) {
            schema.schemas.insert(name.to_owned());
        }
    }
    let add: [(Change, usize); 6] = [
        (add_type, 4),
        (add_sequence, 2),
        (add_routine, 3),
        (add_table, 4),
        (add_routine, 3),
        (add_view, 4),
    ];
    for (add, most) in add {
        for _ in 0..=rng.below(most) {
            add(&mut schema, rng);
        }
    }
    for _ in 0..rng.below(12) {
        add_to_table(&mut schema, rng);
    }
    repair(&mut schema);
    schema
}

/// One random change.
pub fn change(schema: &mut Schema, rng: &mut Rng) {
    let all: [(Change, usize); 14] = [
        (add_type, 2),
        (change_type, 8),
        (drop_type, 1),
        (add_sequence, 1),
        (change_sequence, 2),
        (add_routine, 3),
        (change_routine, 3),
        (add_table, 2),
        (drop_table, 1),
        (add_to_table, 8),
        (change_column, 9),
        (change_table, 6),
        (add_view, 2),
        (change_view, 4),
    ];
    let total: usize = all.iter().map(|(_, weight)| weight).sum();
    let mut at = rng.below(total);
    for (change, weight) in all {
        if at < weight {
            change(schema, rng);
            break;
        }
        at -= weight;
    }
    repair(schema);
}

fn drop_type(schema: &mut Schema, rng: &mut Rng) {
    if let Some(name) = rng.choose(schema.types.keys().cloned()) {
        schema.types.remove(&name);
    }
}

fn change_type(schema: &mut Schema, rng: &mut Rng) {
    let Some(name) = rng.choose(schema.types.keys().cloned()) else { return };
    if rng.chance(8) {
        // The name changes its kind.
        let def = type_def(rng, schema);
        if !matches!(&def, TypeDef::Domain { base, .. } if base.named() == Some(&name)) {
            schema.types.insert(name, def);
        }
        return;
    }
    let replacement = type_def(rng, &Schema::default());
    let new_base = base_type(rng);
    let Some(def) = schema.types.get_mut(&name) else { return };
    match def {
        TypeDef::Enum { labels, comment: c } => match rng.below(6) {
            0 if labels.len() > 1 => {
                labels.remove(rng.below(labels.len()));
            }
            1 if labels.len() > 1 => labels.swap(0, 1),
            2 => *c = comment(rng),
            _ => {
                let label = (*rng.pick(&LABELS)).to_owned();
                if !labels.contains(&label) {
                    labels.insert(rng.below(labels.len() + 1), label);
                }
            }
        },
        TypeDef::Domain { base, check, not_null: _, comment: c } => match rng.below(4) {
            0 => *c = comment(rng),
            1 => *check = None,
            2 => {
                *base = new_base;
                *check = None;
            }
            _ => {
                let column = probe("VALUE", base);
                *check = rng.choose(predicates(&Schema::default(), &column)).map(unquote_value);
            }
        },
        TypeDef::Composite { attributes, comment: c } => match rng.below(4) {
            0 => *c = comment(rng),
            1 if attributes.len() > 1 => {
                attributes.remove(rng.below(attributes.len()));
            }
            2 => attributes[0].1 = new_base,
            _ => {
                if let (TypeDef::Composite { attributes: more, .. }, false) =
                    (replacement, attributes.iter().any(|(n, _)| n == "total"))
                {
                    attributes.push(("total".to_owned(), more[0].1.clone()));
                }
            }
        },
    }
}

fn change_sequence(schema: &mut Schema, rng: &mut Rng) {
    let Some(name) = rng.choose(schema.sequences.keys().cloned()) else { return };
    if rng.chance(20) {
        schema.sequences.remove(&name);
    } else if let Some(sequence) = schema.sequences.get_mut(&name) {
        sequence.cycle = !sequence.cycle;
        sequence.maximum = sequence.maximum.xor(Some(500));
    }
}

fn change_routine(schema: &mut Schema, rng: &mut Rng) {
    let Some(name) = rng.choose(schema.routines.keys().cloned()) else { return };
    match rng.below(10) {
        0 => {
            schema.routines.remove(&name);
        }
        1 | 2 => {
            let other = routine(rng, schema);
            schema.routines.insert(name, other);
        }
        _ => match schema.routines.get_mut(&name) {
            Some(Routine::Number { add, atomic, .. }) => {
                *add += 1;
                *atomic ^= rng.chance(30);
            }
            Some(Routine::Trigger { note } | Routine::Procedure { note }) => *note += 1,
            _ => {}
        },
    }
}

fn drop_table(schema: &mut Schema, rng: &mut Rng) {
    if let Some(name) = rng.choose(schema.tables.keys().cloned()) {
        schema.tables.remove(&name);
    }
}

fn change_column(schema: &mut Schema, rng: &mut Rng) {
    let Some(of) = rng.choose(schema.tables.keys().cloned()) else { return };
    let all = schema.clone();
    let Some(table) = schema.tables.get_mut(&of) else { return };
    if table.columns.is_empty() {
        return;
    }
    let at = rng.below(table.columns.len());
    if rng.chance(12) && table.columns.len() > 1 {
        table.columns.remove(at);
        return;
    }
    let column = &mut table.columns[at];
    match rng.below(8) {
        1 | 2 => {
            column.r#type = any_type(rng, &all);
            column.filling = filling(rng, &all, &column.r#type.clone());
        }
        3 => column.not_null = !column.not_null,
        4 => column.comment = comment(rng),
        5 if column.r#type.is_integer() && column.not_null => {
            column.filling = match column.filling {
                Filling::Identity { .. } => Filling::Nothing,
                _ => Filling::Identity { always: rng.chance(50) },
            };
        }
        _ => column.filling = filling(rng, &all, &column.r#type.clone()),
    }
}

fn change_table(schema: &mut Schema, rng: &mut Rng) {
    let Some(of) = rng.choose(schema.tables.keys().cloned()) else { return };
    let fresh = free(rng, schema);
    let Some(table) = schema.tables.get_mut(&of) else { return };
    match rng.below(12) {
        0 => table.comment = comment(rng),
        1 => table.row_security = !table.row_security,
        2 => {
            table.unlogged = !table.unlogged
                && !table
                    .constraints
                    .values()
                    .any(|c| matches!(c.kind, ConstraintKind::Foreign { .. }))
        }
        3 => {
            if let Some(name) = rng.choose(table.constraints.keys().cloned()) {
                table.constraints.remove(&name);
            }
        }
        4 => {
            if let Some(name) = rng.choose(table.indexes.keys().cloned()) {
                table.indexes.remove(&name);
            }
        }
        5 => {
            if let Some(trigger) = rng.choose(table.triggers.values_mut()) {
                trigger.enabled = !trigger.enabled;
                trigger.when = !trigger.when && trigger.row;
            }
        }
        6 => {
            if let Some(name) = rng.choose(table.policies.keys().cloned()) {
                table.policies.remove(&name);
            }
        }
        7 | 8 => {
            if let Some(partitions) = &mut table.partitions {
                let number = 1 + rng.below(4);
                let name = format!("{}_p{number}", of.1);
                if partitions.children.remove(&name).is_none()
                    && !partitions.children.values().any(|n| *n == number)
                {
                    partitions.children.insert(name, number);
                }
            } else {
                table.parent = None;
            }
        }
        9 => {
            if let Some(index) = rng.choose(table.indexes.values_mut()) {
                index.predicate = None;
                index.comment = comment(rng);
            }
        }
        10 => {
            // Under another name it is another table: nothing says that it was renamed.
            if let (Some(fresh), Some(table)) = (fresh, schema.tables.remove(&of)) {
                schema.tables.insert(fresh, table);
            }
        }
        _ => {
            if let Some(constraint) = rng.choose(table.constraints.values_mut()) {
                constraint.comment = comment(rng);
                match &mut constraint.kind {
                    ConstraintKind::Unique { deferrable, .. }
                    | ConstraintKind::Foreign { deferrable, .. } => *deferrable = !*deferrable,
                    _ => {}
                }
            }
        }
    }
}

fn change_view(schema: &mut Schema, rng: &mut Rng) {
    if schema.views.is_empty() {
        return;
    }
    let at = rng.below(schema.views.len());
    let view = &mut schema.views[at];
    match rng.below(7) {
        0 => {
            schema.views.remove(at);
        }
        1 => view.predicate = None,
        2 => view.comment = comment(rng),
        3 if view.columns.len() > 1 => {
            view.columns.remove(rng.below(view.columns.len()));
        }
        4 => view.columns.reverse(),
        5 => view.materialized = !view.materialized && !view.barrier,
        _ => view.barrier = !view.barrier && !view.materialized,
    }
}
