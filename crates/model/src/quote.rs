//! Quoting of identifiers and literals.
//!
//! The only place that spells quotes: everything else that writes SQL calls these.
//! PostgreSQL manual: 4.1 Lexical Structure.

/// An identifier as SQL wants it: bare when that is safe in every position, else in double quotes.
pub fn ident(name: &str) -> String {
    let mut chars = name.chars();
    let bare = matches!(chars.next(), Some('a'..='z' | '_'))
        && chars.all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
        && RESERVED.binary_search(&name).is_err();
    if bare { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// `schema.name`, each part quoted where needed.
pub fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", ident(schema), ident(name))
}

/// A string literal; `E''` form when it holds a backslash, so that it reads the same under any
/// `standard_conforming_strings`.
pub fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if text.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}

/// A dollar-quoted body, with a tag that does not occur in it.
pub fn dollar(body: &str) -> String {
    let mut tag = String::from("$$");
    let mut n = 0;
    while body.contains(tag.trim_end_matches('$')) && body.contains(&tag)
        || body.ends_with('$') && n == 0
    {
        n += 1;
        tag = if n == 1 { "$body$".into() } else { format!("$body{n}$") };
    }
    format!("{tag}{body}{tag}")
}

/// Key words that PostgreSQL 14–18 quote in identifiers: every class but UNRESERVED
/// (`src/include/parser/kwlist.h`; the same rule as `quote_identifier` in ruleutils.c). Sorted.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_quoted_only_where_needed() {
        assert!(RESERVED.is_sorted());
        for (name, sql) in [
            ("a1", "a1"),
            ("A", "\"A\""),
            ("order", "\"order\""),
            ("1a", "\"1a\""),
            ("a\"b", "\"a\"\"b\""),
            ("", "\"\""),
        ] {
            assert_eq!(ident(name), sql);
        }
    }

    #[test]
    fn a_dollar_tag_never_occurs_in_its_body() {
        assert_eq!(dollar("select 1"), "$$select 1$$");
        assert_eq!(dollar("a $$ b"), "$body$a $$ b$body$");
        assert_eq!(dollar("costs $"), "$body$costs $$body$");
        assert_eq!(dollar("$$ $body$"), "$body2$$$ $body$$body2$");
    }

    #[test]
    fn literals_survive_backslashes_and_quotes() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\b"), "E'a\\\\b'");
    }
}
