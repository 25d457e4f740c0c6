//! What is in the tables, so that a plan that loses rows or values is seen.

use std::collections::BTreeMap;

use crate::Database;

/// (schema, table) → its content.
pub type Content = BTreeMap<(String, String), Table>;

/// Counts and digests of a table, whatever the order of its columns and rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub rows: i64,
    /// The partitioned table that it is a partition of.
    pub parent: Option<String>,
    /// Its rows are those of its partitions.
    pub partitioned: bool,
    /// Column → (type, digest of its sorted values). Generated columns are left out.
    pub columns: BTreeMap<String, (String, String)>,
}

/// A composite that gained or lost an attribute is another type, and so is a domain over another one: values are spelled
/// differently.
const TABLES: &str = "
    WITH RECURSIVE inside(whole, part) AS (
        SELECT oid, oid FROM pg_catalog.pg_type WHERE oid >= 16384
        UNION
        SELECT i.whole, p.part
        FROM inside i
        JOIN pg_catalog.pg_type t ON t.oid = i.part
        CROSS JOIN LATERAL (
            SELECT t.typelem AS part UNION SELECT t.typbasetype
            UNION SELECT a.atttypid FROM pg_catalog.pg_attribute a
                  WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        ) p
        WHERE p.part >= 16384
    ), shapes AS (
        SELECT i.whole, string_agg(coalesce(a.attname || ' ' || format_type(a.atttypid, a.atttypmod),
                                            format_type(t.typbasetype, t.typtypmod)), ', ' ORDER BY t.typname, a.attnum) AS shape
        FROM inside i
        JOIN pg_catalog.pg_type t ON t.oid = i.part
        LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE a.attname IS NOT NULL OR t.typbasetype <> 0
        GROUP BY i.whole
    )
    SELECT n.nspname, c.relname,
           coalesce(array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attname IS NOT NULL), '{}'),
           coalesce(array_agg(concat_ws(': ', format_type(a.atttypid, a.atttypmod), s.shape) ORDER BY a.attnum) FILTER (WHERE a.attname IS NOT NULL), '{}'),
           c.relkind = 'p',
           (SELECT i.inhparent::regclass::text FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition)
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    LEFT JOIN shapes s ON s.whole = a.atttypid
    WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      -- rows of foreign tables are elsewhere
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) t
                      JOIN pg_catalog.pg_class f ON f.oid = t.relid WHERE f.relkind = 'f')
    GROUP BY 1, 2, c.oid, c.relkind, c.relispartition ORDER BY 1, 2";

/// Reads every table.
pub fn content(of: &Database) -> Content {
    let mut client = of.connect();
    // The superuser sees all rows, FORCE ROW LEVEL SECURITY or not.
    client
        .batch_execute("SET extra_float_digits = 1; SET TimeZone = 'UTC'; SET row_security = on")
        .unwrap();
    let tables = client.query(TABLES, &[]).unwrap();
    let mut out = Content::new();
    for table in tables {
        let (schema, name): (String, String) = (table.get(0), table.get(1));
        let (columns, types): (Vec<String>, Vec<String>) = (table.get(2), table.get(3));
        let digests = columns.iter().map(|column| {
            let value = format!("md5(coalesce({}::text, '<null>'))", quote(column));
            format!(", coalesce(md5(string_agg({value}, '' ORDER BY {value})), '')")
        });
        let digests: String = digests.collect();
        let partitioned = table.get(4);
        // The rows of children are theirs: whose they are besides is schema.
        let only = if partitioned { "" } else { "ONLY " };
        let sql =
            format!("SELECT count(*){digests} FROM {only}{}.{}", quote(&schema), quote(&name));
        let row = client.query_one(&sql, &[]).unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        let columns = columns.into_iter().zip(types).enumerate();
        let columns = columns
            .map(|(i, (column, r#type))| (column, (r#type, row.get::<_, String>(i + 1))))
            .collect();
        let parent = table.get(5);
        out.insert((schema, name), Table { rows: row.get(0), parent, partitioned, columns });
    }
    out
}

/// Tables and columns that are in the old state, the desired one and the result, under the same name and type,
/// and whose rows or values are not what they were.
pub fn losses(before: &Content, after: &Content, goal: &Content) -> Vec<String> {
    let mut out = Vec::new();
    let is_elsewhere = |key, old: &Table| match goal.get(key) {
        Some(wanted) => wanted.parent != old.parent,
        None => old.parent.is_some(),
    };
    let moved = before.iter().any(|(key, old)| is_elsewhere(key, old));
    for (key, old) in before.iter().filter(|(_, table)| table.rows > 0) {
        let Some(wanted) = goal.get(key) else { continue };
        // Rows came or went with a partition that was attached or detached.
        if moved && old.partitioned && wanted.partitioned {
            continue;
        }
        let name = format!("{}.{}", key.0, key.1);
        let Some(new) = after.get(key) else {
            out.push(format!("{name}: table gone"));
            continue;
        };
        if new.rows != old.rows {
            out.push(format!("{name}: {} rows became {}", old.rows, new.rows));
            continue;
        }
        for (column, (r#type, digest)) in &old.columns {
            let same = |of: &Table| of.columns.get(column).is_some_and(|(t, _)| t == r#type);
            if same(wanted) && same(new) && new.columns[column].1 != *digest {
                out.push(format!("{name}.{column}: values changed"));
            }
        }
    }
    out
}

/// Tables and columns whose rows or values are not those of `wanted`.
pub fn differences(wanted: &Content, found: &Content) -> Vec<String> {
    let mut out = Vec::new();
    for ((schema, name), goal) in wanted {
        let table = format!("{schema}.{name}");
        match found.get(&(schema.clone(), name.clone())) {
            None => out.push(format!("{table}: table gone")),
            Some(new) if new.rows != goal.rows => {
                out.push(format!("{table}: {} rows instead of {}", new.rows, goal.rows))
            }
            Some(new) => {
                let wrong = goal
                    .columns
                    .iter()
                    .filter(|(column, value)| new.columns.get(*column) != Some(value));
                out.extend(wrong.map(|(column, _)| format!("{table}.{column}: other values")));
            }
        }
    }
    out
}

pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
