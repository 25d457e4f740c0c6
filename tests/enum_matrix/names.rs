//! Names of all sorts, and what is called by them in strings.

use ordain_tests::case::{for_each, report, threads};

use crate::{judge::Pair, ordain, server};

const TYPES: [&str; 7] = ["Mixed", "select", "with space", "quo\"te", "größe", "a.b", "dash-ed"];
const LABELS: [&str; 9] =
    ["it's", "NULL", "null", "", "a,b", "{x}", "back\\slash", "ünï", "say \"hi\""];

fn literal(label: &str) -> String {
    format!("'{}'", label.replace('\'', "''"))
}

fn schema(types: &[String], labels: &[String]) -> String {
    let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
    let mut out = String::new();
    for (schema, number) in [("one", 1), ("\"Two Two\"", 2)] {
        out.push_str(&format!("CREATE SCHEMA {schema};\n"));
        for (n, name) in types.iter().enumerate() {
            let name = format!("{schema}.\"{}\"", name.replace('"', "\"\""));
            out.push_str(&format!("CREATE TYPE {name} AS ENUM ({});\n", labels.join(", ")));
            let default = labels.first().unwrap();
            out.push_str(&format!(
                "CREATE TABLE {schema}.\"T {number} {n}\" (id int, \"E\" {name} DEFAULT {default}, es {name}[] DEFAULT ARRAY[{default}]::{name}[]);\n"
            ));
        }
    }
    out
}

fn rows(types: usize, labels: &[String]) -> String {
    let mut out = String::new();
    for (schema, number) in [("one", 1), ("\"Two Two\"", 2)] {
        for n in 0..types {
            for label in labels {
                let label = literal(label);
                out.push_str(&format!(
                    "INSERT INTO {schema}.\"T {number} {n}\" (id, \"E\") VALUES (1, {label});\n"
                ));
            }
            out.push_str(&format!(
                "UPDATE {schema}.\"T {number} {n}\" SET es = ARRAY[\"E\", NULL];\n"
            ));
        }
    }
    out
}

#[test]
fn names_and_labels_of_all_sorts() {
    let (ordain, server) = (ordain(), server());
    let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let long = "x".repeat(63);
    let mut types = owned(&TYPES);
    types.push(long.clone());
    let mut labels = owned(&LABELS);
    labels.push(long.clone());
    let mut turned = labels.clone();
    turned.rotate_left(1);
    let mut grown = labels.clone();
    grown.insert(3, "a:b=c".into());
    let case = |name: &str, before: &[String], after: &[String], flags: &[&str]| Pair {
        name: name.to_owned(),
        from: schema(&types, before),
        to: schema(&types, after),
        rows: rows(types.len(), before),
        flags: owned(flags),
        ..Pair::default()
    };
    // An array type's name is free for no one, and the type's own array then takes another.
    let taken = |labels: &str| {
        format!(
            "CREATE SCHEMA s; CREATE TYPE s._e AS ENUM ('z'); CREATE TYPE s.e AS ENUM ({labels}); CREATE TYPE s.e__old AS ENUM ('q');
             CREATE TABLE s.t (e s.e, es s.e[], f s._e, fs s._e[], g s.e__old);"
        )
    };
    let mut renamed = labels.clone();
    renamed[0] = "it's not".into();
    renamed[4] = "a=b".into();
    let mut flags = Vec::new();
    for schema in ["one", "\"Two Two\""] {
        for name in &types {
            let name = format!("{schema}.\"{}\"", name.replace('"', "\"\""));
            flags.push(format!("label:{name}:it's=it's not"));
            flags.push(format!("label:{name}:'a,b'='a=b'"));
        }
    }
    let flags: Vec<&str> = flags.iter().flat_map(|flag| ["--rename", flag.as_str()]).collect();
    let mut renaming = case("labels renamed", &labels, &renamed, &flags);
    renaming.rows_after = rows(types.len(), &renamed);
    let all = [
        case("labels turned", &labels, &turned, &[]),
        case("a label added", &labels, &grown, &[]),
        renaming,
        Pair {
            name: "names taken".into(),
            from: taken("'a', 'b'"),
            to: taken("'b', 'a'"),
            rows: "INSERT INTO s.t VALUES ('a', '{a,b}', 'z', '{z}', 'q')".into(),
            ..Pair::default()
        },
    ];
    let failures = for_each(
        &all,
        threads(),
        |pair| pair.name.clone(),
        |pair| pair.judge(&ordain, server).map(drop),
    );
    report("names", all.len(), &failures);
}

/// PostgreSQL reads no body in a string when a label is renamed or goes: the plan says which line still has it.
#[test]
fn bodies_that_still_say_a_label_are_named_with_their_line() {
    let (ordain, server) = (ordain(), server());
    let body = "CREATE FUNCTION s.f() RETURNS boolean LANGUAGE plpgsql AS $$
begin
  -- 'b' in a comment is none
  return 'b' = any (enum_range(null::s.e)::text[]);
end $$;";
    let schema =
        |labels: &str| format!("CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ({labels});\n{body}");
    for (name, to, flags) in
        [("renamed", "'a', 'x'", vec!["--rename", "label:s.e:b=x"]), ("removed", "'a'", vec![])]
    {
        let flags = flags.into_iter().map(str::to_owned).collect();
        let pair = Pair {
            name: name.into(),
            from: schema("'a', 'b'"),
            to: schema(to),
            flags,
            ..Pair::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let live = Pair::loaded(server, folder.path(), [&pair.from, ""]).unwrap();
        let planned = pair.plan(&ordain, &live, folder.path());
        let said = "function s.f() still says 'b' in line 4 of its body";
        assert!(planned.run.stdout.contains("UNTRACKED_DEPENDENCY"), "{}", planned.run.told());
        assert!(planned.run.stdout.contains(said), "{}", planned.run.told());
    }
}
