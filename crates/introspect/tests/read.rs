//! Reading real databases: which edges there are, what belongs to extensions, what no kind reads.
#![allow(clippy::unwrap_used)]

use ordain_introspect::{ReadOptions, read, read_within};
use ordain_model::{Catalog, Strength};
use ordain_tests::{Database, server::shared};

fn look(database: &Database) -> Catalog {
    read(&mut database.connect(), &ReadOptions::default()).unwrap()
}

fn after(sql: &str) -> Catalog {
    let database = shared().database();
    database.execute(sql);
    look(&database)
}

fn names(catalog: &Catalog) -> Vec<String> {
    catalog.objects.keys().map(ToString::to_string).collect()
}

/// What `user` uses, as "hard table public.t".
fn uses(catalog: &Catalog, user: &str) -> Vec<String> {
    let edges = catalog.edges.iter().filter(|edge| edge.user.to_string() == user);
    edges
        .map(|edge| {
            let word = if edge.strength == Strength::Hard { "hard" } else { "soft" };
            format!("{word} {}", edge.used)
        })
        .collect()
}

#[test]
fn an_empty_database_has_its_public_schema() {
    let catalog = after("");
    assert_eq!(names(&catalog), ["schema public"]);
    assert!(catalog.unmodelled.is_empty(), "{:?}", catalog.unmodelled);
    assert!(catalog.casts.contains_key(&("integer".into(), "bigint".into())));
}

#[test]
fn what_is_part_of_an_object_counts_as_the_object() {
    let catalog = after(
        "create table t(a int primary key, b int);
         create view whole as select t from t;
         create view counted as select count(*) from t;
         create view one as select a from t;
         create table r(x t[], y whole);
         create table k(a int references t)",
    );
    // A whole row and a row type have every column in them.
    let columns = ["soft column public.t.a", "soft column public.t.b"];
    for user in ["view public.whole", "view public.counted", "column public.r.x"] {
        let uses = uses(&catalog, user);
        assert!(uses.contains(&"hard table public.t".to_owned()), "{user} {uses:?}");
        assert!(
            columns.iter().all(|column| uses.contains(&(*column).to_owned())),
            "{user} {uses:?}"
        );
    }
    let one = uses(&catalog, "view public.one");
    assert!(one.contains(&"hard column public.t.a".to_owned()), "{one:?}");
    assert!(!one.iter().any(|used| used.ends_with("public.t.b")), "{one:?}");
    assert!(uses(&catalog, "column public.r.y").contains(&"hard view public.whole".to_owned()));
    // The foreign key uses the key's index, which is the key's.
    let key = uses(&catalog, "constraint public.k.k_a_fkey");
    assert!(key.contains(&"hard constraint public.t.t_pkey".to_owned()), "{key:?}");
}

#[test]
fn how_a_thing_hangs_on_another_is_said_by_the_link_alone() {
    let catalog = after(
        "create table p(a int) partition by list (a);
         create table c partition of p for values in (1);
         create table s(id serial)",
    );
    assert!(!uses(&catalog, "table public.c").contains(&"hard table public.p".to_owned()));
    assert!(uses(&catalog, "partition public.c").contains(&"hard table public.p".to_owned()));
    let sequence = uses(&catalog, "sequence public.s_id_seq");
    assert_eq!(sequence, ["hard schema public"]);
    let owner = uses(&catalog, "sequence owner of sequence public.s_id_seq");
    assert!(owner.contains(&"hard column public.s.id".to_owned()), "{owner:?}");
}

#[test]
fn members_of_extensions_belong_to_them() {
    let database = shared().database();
    database.execute("create extension hstore; create table t(h hstore); create function f(hstore) returns int return 1");
    let catalog = look(&database);
    let names = names(&catalog);
    assert!(names.contains(&"extension hstore".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("akeys")), "{names:?}");
    assert!(catalog.unmodelled.is_empty(), "{:?}", catalog.unmodelled);
    for user in ["column public.t.h", "function public.f(public.hstore)"] {
        assert!(uses(&catalog, user).contains(&"hard extension hstore".to_owned()), "{user}");
    }
}

#[test]
fn what_no_kind_reads_is_named() {
    let catalog = after(
        "create text search configuration words (copy = simple);
         create table t(a int);
         create temporary table mine(a int);
         create function f() returns int return 1;
         create extension hstore;
         alter function f() depends on extension hstore",
    );
    let unmodelled: Vec<&str> = catalog.unmodelled.iter().map(String::as_str).collect();
    assert!(unmodelled.contains(&"DEPENDS ON EXTENSION of function public.f()"), "{unmodelled:?}");
    assert!(
        !unmodelled.iter().any(|name| name.contains("mine") || name.contains("pg_t")),
        "{unmodelled:?}"
    );
    let words = "text search configuration public.words";
    let listed = catalog.objects.keys().any(|id| id.to_string().contains("public.words"));
    assert!(listed || unmodelled.contains(&words), "{unmodelled:?}");
}

#[test]
fn the_settings_of_a_role_change_nothing() {
    let sql = "create schema app;
        create table app.t(a interval default '-1 day +2 hours', b timestamptz default '2020-01-02 03:04:05+00',
            c bytea default '\\x00ff', d float8 default 0.1, \"Order\" date default '2020-03-04')";
    let database = shared().database();
    database.execute(sql);
    let plain = look(&database);
    let mut client = database.connect();
    client
        .batch_execute(
            "set search_path = app; set datestyle = 'german'; set intervalstyle = sql_standard;
             set timezone = 'Asia/Tokyo'; set bytea_output = escape; set extra_float_digits = 0;
             set quote_all_identifiers = on; set statement_timeout = 5000",
        )
        .unwrap();
    let odd = read(&mut client, &ReadOptions::default()).unwrap();
    assert_eq!(plain, odd);
    let kept = client.query_one("select current_setting('search_path')", &[]).unwrap();
    assert_eq!(kept.get::<_, &str>(0), "app");
}

#[test]
fn a_transaction_sees_its_own_changes_and_keeps_its_settings() {
    let database = shared().database();
    let mut client = database.connect();
    let mut tx = client.transaction().unwrap();
    tx.batch_execute("create schema app; set local search_path = app; create table t(a int)")
        .unwrap();
    let inside = read_within(&mut tx, &ReadOptions::default()).unwrap();
    let path = tx.query_one("select current_setting('search_path')", &[]).unwrap();
    assert_eq!(path.get::<_, &str>(0), "app");
    tx.commit().unwrap();
    assert_eq!(inside, look(&database));
    assert!(names(&inside).contains(&"column app.t.a".to_owned()));
}

#[test]
fn two_readings_are_equal() {
    let database = shared().database();
    database.execute(
        "create type e as enum ('a', 'b'); create domain d as int check (value > 0);
         create table t(id int generated always as identity primary key, e e default 'a', d d);
         create index on t (d) where e = 'b'; create materialized view m as select * from t;
         create function g() returns trigger language plpgsql as 'begin return new; end';
         create trigger tr before insert on t for each row execute function g();
         alter table t enable row level security; create policy p on t using (e = 'a');
         comment on table t is 'it'; grant select on t to public",
    );
    assert_eq!(look(&database), look(&database));
}

#[test]
fn sizes_are_read_on_demand() {
    let database = shared().database();
    database
        .execute("create table t(a int); insert into t select generate_series(1, 1000); analyze t");
    assert!(look(&database).sizes.is_empty());
    let options = ReadOptions { sizes: true, ..ReadOptions::default() };
    let catalog = read(&mut database.connect(), &options).unwrap();
    let (id, size) = catalog.sizes.iter().next().unwrap();
    assert_eq!((id.to_string().as_str(), size.rows), ("table public.t", 1000));
    assert!(size.bytes >= 8192);
}

/// A major that brings a catalog makes this fail: its rows need a kind, or a line in the probe, or a reason here.
#[test]
fn the_probe_asks_every_catalog() {
    let elsewhere = [
        ("pg_attrdef", "defaults go with their columns"),
        ("pg_enum", "labels are read with their type, all of them"),
        ("pg_publication_namespace", "only from 15 on; read with its publication"),
        ("pg_largeobject_metadata", "data: docs/out-of-scope.md"),
        ("pg_authid", "of the cluster"),
        ("pg_auth_members", "of the cluster"),
        ("pg_database", "of the cluster"),
        ("pg_parameter_acl", "of the cluster"),
        ("pg_tablespace", "of the cluster"),
    ];
    let probe = include_str!("../src/unmodelled.sql");
    let query = "select c.relname::text from pg_catalog.pg_class c
                 join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'oid' and a.attnum > 0
                 where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' order by 1";
    let rows = shared().database().connect().query(query, &[]).unwrap();
    let catalogs: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(catalogs.len() > 35, "{catalogs:?}");
    let is_asked = |name: &&String| {
        probe.contains(&format!("'{name}'::regclass"))
            || elsewhere.iter().any(|(catalog, _)| catalog == name)
    };
    let missing: Vec<&String> = catalogs.iter().filter(|name| !is_asked(name)).collect();
    assert!(missing.is_empty(), "no kind and no line of the probe is about {missing:?}");
}
