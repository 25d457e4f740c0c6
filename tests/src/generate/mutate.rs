//! What a schema may hold, chosen at random, and what may change in it.

use super::{
    Rng,
    repair::repair,
    schema::{
        Column, Constraint, ConstraintKind, Filling, Index, Partitions, Policy, Qualified, Routine,
        Schema, Sequence, Table, Trigger, Type, TypeDef, View,
    },
};

/// Few, so that a name is often given to something else; some need quotes.
const NAMES: [&str; 14] = [
    "item",
    "note",
    "order",
    "Mixed Case",
    "user",
    "état",
    "log",
    "tag",
    "state",
    "price",
    "kind",
    "select",
    "a\"b",
    "log_id",
];
const COLUMNS: [&str; 12] = [
    "name",
    "state",
    "amount",
    "Größe",
    "group",
    "made_at",
    "code",
    "flag",
    "data",
    "Two Words",
    "parent_id",
    "total",
];
const LABELS: [&str; 9] = ["new", "open", "closed", "it's", "Ü", "a b", "x,y", "", "NULL"];
const COMMENTS: [&str; 4] = ["for people", "it's \"odd\" — \\ and more", "two\nlines", "new"];

type Change = fn(&mut Schema, &mut Rng);

fn name(rng: &mut Rng, schema: &Schema) -> Qualified {
    let schemas: Vec<_> =
        schema.schemas.iter().cloned().chain(["public".to_owned(), "public".to_owned()]).collect();
    Qualified(rng.pick(&schemas).clone(), (*rng.pick(&NAMES)).to_owned())
}

/// A name that nothing has yet.
fn free(rng: &mut Rng, schema: &Schema) -> Option<Qualified> {
    (0..20)
        .map(|_| name(rng, schema))
        .find(|n| !schema.is_taken(n) && !schema.routines.contains_key(n))
}

fn comment(rng: &mut Rng) -> Option<String> {
    rng.chance(25).then(|| (*rng.pick(&COMMENTS)).to_owned())
}

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

fn base_type(rng: &mut Rng) -> Type {
    let all = [
        "integer",
        "bigint",
        "text",
        "character varying(20)",
        "character varying(5)",
        "numeric(8,2)",
        "boolean",
        "date",
        "timestamp with time zone",
        "uuid",
        "jsonb",
        "smallint",
    ];
    Type::base(rng.pick::<&str>(&all))
}

fn any_type(rng: &mut Rng, schema: &Schema) -> Type {
    let named = rng.chance(45).then(|| rng.choose(schema.types.keys().cloned())).flatten();
    let r#type = named.map_or_else(|| base_type(rng), Type::Named);
    if rng.chance(12) { Type::Array(Box::new(r#type)) } else { r#type }
}

fn labels(rng: &mut Rng) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for _ in 0..=1 + rng.below(4) {
        let label = (*rng.pick(&LABELS)).to_owned();
        if !out.contains(&label) {
            out.push(label);
        }
    }
    out
}

fn type_def(rng: &mut Rng, schema: &Schema) -> TypeDef {
    let enums: Vec<_> = schema
        .types
        .iter()
        .filter(|(_, d)| matches!(d, TypeDef::Enum { .. }))
        .map(|(n, _)| n.clone())
        .collect();
    let part = |rng: &mut Rng| match rng.choose(enums.iter().cloned()) {
        Some(name) if rng.chance(40) => Type::Named(name),
        _ => base_type(rng),
    };
    match rng.below(5) {
        0 => {
            let base = part(rng);
            let column = probe("VALUE", &base);
            let check = rng.chance(60).then(|| rng.choose(predicates(schema, &column))).flatten();
            TypeDef::Domain {
                base,
                check: check.map(unquote_value),
                not_null: false,
                comment: comment(rng),
            }
        }
        1 => {
            let names: Vec<_> = COLUMNS.iter().take(1 + rng.below(4)).collect();
            let attributes = names.into_iter().map(|n| ((*n).to_owned(), part(rng))).collect();
            TypeDef::Composite { attributes, comment: comment(rng) }
        }
        _ => TypeDef::Enum { labels: labels(rng), comment: comment(rng) },
    }
}

/// The predicates of columns, said of VALUE.
fn unquote_value(sql: String) -> String {
    sql.replace("\"VALUE\"", "VALUE")
}

fn probe(name: &str, r#type: &Type) -> Column {
    Column {
        name: name.to_owned(),
        r#type: r#type.clone(),
        not_null: false,
        filling: Filling::Nothing,
        comment: None,
    }
}

fn add_type(schema: &mut Schema, rng: &mut Rng) {
    if let Some(name) = free(rng, schema) {
        let def = type_def(rng, schema);
        schema.types.insert(name, def);
    }
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

fn add_sequence(schema: &mut Schema, rng: &mut Rng) {
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

fn change_sequence(schema: &mut Schema, rng: &mut Rng) {
    let Some(name) = rng.choose(schema.sequences.keys().cloned()) else { return };
    if rng.chance(20) {
        schema.sequences.remove(&name);
    } else if let Some(sequence) = schema.sequences.get_mut(&name) {
        sequence.cycle = !sequence.cycle;
        sequence.maximum = sequence.maximum.xor(Some(500));
    }
}

fn routine(rng: &mut Rng, schema: &Schema) -> Routine {
    let table = rng.choose(schema.tables.keys().cloned());
    let r#type = rng.choose(schema.types.keys().cloned());
    match (rng.below(9), table, r#type) {
        (0, _, Some(r#type)) => Routine::OfType { r#type },
        (1, _, Some(r#type)) => match schema.labels(&Type::Named(r#type.clone())) {
            Some(labels) => Routine::IsLabel { label: rng.pick(labels).clone(), r#type },
            None => Routine::OfType { r#type },
        },
        (2, Some(table), _) => Routine::Count { table },
        (3, Some(table), _) => Routine::SetOf { table },
        (4, Some(table), _) => Routine::OfRow { table },
        (5 | 6, ..) => Routine::Trigger { note: rng.below(3) },
        (7, ..) => Routine::Procedure { note: rng.below(3) },
        _ => Routine::Number { add: rng.below(3), atomic: rng.chance(40), strict: rng.chance(30) },
    }
}

fn add_routine(schema: &mut Schema, rng: &mut Rng) {
    if let Some(name) = free(rng, schema) {
        let routine = routine(rng, schema);
        schema.routines.insert(name, routine);
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

fn column(rng: &mut Rng, schema: &Schema, name: &str) -> Column {
    let mut column = probe(name, &any_type(rng, schema));
    column.comment = comment(rng);
    column.filling = filling(rng, schema, &column.r#type);
    column.not_null = rng.chance(30) && column.filling != Filling::Nothing;
    column
}

fn filling(rng: &mut Rng, schema: &Schema, r#type: &Type) -> Filling {
    if r#type.is_integer() {
        match rng.below(6) {
            0 => {
                return rng
                    .choose(schema.sequences.keys().cloned())
                    .map_or(Filling::Nothing, Filling::NextVal);
            }
            1 => {
                let numbers =
                    schema.routines.iter().filter(|(_, r)| matches!(r, Routine::Number { .. }));
                return rng
                    .choose(numbers.map(|(n, _)| n.clone()))
                    .map_or(Filling::Nothing, Filling::Call);
            }
            _ => {}
        }
    }
    let labels = schema
        .labels(r#type)
        .map(|l| l.iter().map(|l| format!("'{}'", l.replace('\'', "''"))).collect());
    let literals = labels.unwrap_or_else(|| literals(r#type));
    if rng.chance(45) {
        rng.choose(literals).map_or(Filling::Nothing, Filling::Literal)
    } else {
        Filling::Nothing
    }
}

/// Literals of the types that need nothing else.
pub fn literals(r#type: &Type) -> Vec<String> {
    let Type::Base(name) = r#type else { return Vec::new() };
    let all: &[&str] = match name.split('(').next().unwrap_or_default() {
        "integer" | "bigint" | "smallint" => &["0", "7", "'-1'"],
        "text" | "character varying" => &["''", "'abc'", "'it''s'"],
        "numeric" => &["0.5", "12"],
        "boolean" => &["true", "false"],
        "date" => &["'2020-01-02'", "CURRENT_DATE"],
        "timestamp with time zone" => &["now()"],
        "uuid" => &["gen_random_uuid()"],
        "jsonb" => &["'{}'"],
        _ => &[],
    };
    all.iter().map(|l| (*l).to_owned()).collect()
}

/// Boolean expressions over a column.
pub fn predicates(schema: &Schema, column: &Column) -> Vec<String> {
    let name = crate::rows::quote(&column.name);
    let mut out = vec![format!("{name} IS NOT NULL")];
    if column.r#type.is_integer() {
        out.extend([format!("{name} > 0"), format!("({name} % 7) < 9")]);
    }
    if column.r#type.is_text() {
        out.extend([format!("length({name}) < 40"), format!("{name} <> 'never'")]);
    }
    for label in schema.labels(&column.r#type).unwrap_or_default() {
        let label = label.replace('\'', "''");
        out.extend([format!("{name} = '{label}'"), format!("{name} < '{label}'")]);
    }
    out
}

/// (method, what stands in the parentheses) for an index on a column.
pub fn index_keys(schema: &Schema, column: &Column) -> Vec<(&'static str, String)> {
    let name = crate::rows::quote(&column.name);
    let sortable = match &column.r#type {
        Type::Base(_) => true,
        Type::Named(_) => schema.labels(&column.r#type).is_some(),
        Type::Array(_) => false,
    };
    let mut out = Vec::new();
    if sortable {
        out.extend([
            ("btree", name.clone()),
            ("btree", format!("{name} DESC NULLS LAST")),
            ("hash", name.clone()),
        ]);
    }
    if column.r#type.is_text() {
        out.extend([
            ("btree", format!("lower({name})")),
            ("btree", format!("{name} COLLATE \"C\"")),
            ("btree", format!("{name} text_pattern_ops")),
        ]);
    }
    if matches!(column.r#type, Type::Array(_)) || column.r#type == Type::base("jsonb") {
        out.push(("gin", name));
    }
    out
}

fn add_table(schema: &mut Schema, rng: &mut Rng) {
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

fn drop_table(schema: &mut Schema, rng: &mut Rng) {
    if let Some(name) = rng.choose(schema.tables.keys().cloned()) {
        schema.tables.remove(&name);
    }
}

/// A constraint, an index, a trigger, a policy or a column more.
fn add_to_table(schema: &mut Schema, rng: &mut Rng) {
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

fn add_view(schema: &mut Schema, rng: &mut Rng) {
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
