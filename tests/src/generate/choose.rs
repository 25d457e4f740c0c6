//! What a schema may hold: names, types, expressions, chosen at random.

use super::{
    Rng,
    schema::{Column, Filling, Qualified, Routine, Schema, Type, TypeDef},
};

/// Few, so that a name is often given to something else; some need quotes.
pub const NAMES: [&str; 14] = [
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

pub const COLUMNS: [&str; 12] = [
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

pub const LABELS: [&str; 9] = ["new", "open", "closed", "it's", "Ü", "a b", "x,y", "", "NULL"];

pub const COMMENTS: [&str; 4] = ["for people", "it's \"odd\" — \\ and more", "two\nlines", "new"];

pub fn name(rng: &mut Rng, schema: &Schema) -> Qualified {
    let schemas: Vec<_> =
        schema.schemas.iter().cloned().chain(["public".to_owned(), "public".to_owned()]).collect();
    Qualified(rng.pick(&schemas).clone(), (*rng.pick(&NAMES)).to_owned())
}

/// A name that nothing has yet.
pub fn free(rng: &mut Rng, schema: &Schema) -> Option<Qualified> {
    (0..20)
        .map(|_| name(rng, schema))
        .find(|n| !schema.is_taken(n) && !schema.routines.contains_key(n))
}

pub fn comment(rng: &mut Rng) -> Option<String> {
    rng.chance(25).then(|| (*rng.pick(&COMMENTS)).to_owned())
}

pub fn base_type(rng: &mut Rng) -> Type {
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

pub fn any_type(rng: &mut Rng, schema: &Schema) -> Type {
    let named = rng.chance(45).then(|| rng.choose(schema.types.keys().cloned())).flatten();
    let r#type = named.map_or_else(|| base_type(rng), Type::Named);
    if rng.chance(12) { Type::Array(Box::new(r#type)) } else { r#type }
}

pub fn labels(rng: &mut Rng) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for _ in 0..=1 + rng.below(4) {
        let label = (*rng.pick(&LABELS)).to_owned();
        if !out.contains(&label) {
            out.push(label);
        }
    }
    out
}

pub fn type_def(rng: &mut Rng, schema: &Schema) -> TypeDef {
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
pub fn unquote_value(sql: String) -> String {
    sql.replace("\"VALUE\"", "VALUE")
}

pub fn probe(name: &str, r#type: &Type) -> Column {
    Column {
        name: name.to_owned(),
        r#type: r#type.clone(),
        not_null: false,
        filling: Filling::Nothing,
        comment: None,
    }
}

pub fn routine(rng: &mut Rng, schema: &Schema) -> Routine {
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

pub fn column(rng: &mut Rng, schema: &Schema, name: &str) -> Column {
    let mut column = probe(name, &any_type(rng, schema));
    column.comment = comment(rng);
    column.filling = filling(rng, schema, &column.r#type);
    column.not_null = rng.chance(30) && column.filling != Filling::Nothing;
    column
}

pub fn filling(rng: &mut Rng, schema: &Schema, r#type: &Type) -> Filling {
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
