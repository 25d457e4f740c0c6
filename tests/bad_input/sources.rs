//! Databases that are not there or not ours, and snapshots.

use super::{Bad, KEEP};

pub fn cases() -> Vec<Bad> {
    let to = |case: Bad| case.file("schema.sql", KEEP);
    vec![
        to(Bad::new(
            "another kind of database",
            "plan --from mysql://localhost/app --to {dir}/schema.sql",
            1,
            &["mysql://localhost/app", "postgres://"],
        )),
        to(Bad::new(
            "a word that is no source",
            "plan --from production --to {dir}/schema.sql",
            1,
            &["\"production\"", "postgres://", ".sql"],
        )),
        to(Bad::new(
            "nobody listens",
            "plan --from postgresql://me@127.0.0.1:{closed}/app --to {dir}/schema.sql",
            1,
            &["127.0.0.1", "refused"],
        )),
        to(Bad::new(
            "something else listens",
            "plan --from postgresql://me@127.0.0.1:{web}/app --to {dir}/schema.sql",
            1,
            &["127.0.0.1"],
        )),
        to(Bad::new(
            "no such host",
            "plan --from postgresql://me@no-such-host.invalid/app --to {dir}/schema.sql",
            1,
            &["no-such-host.invalid"],
        )),
        to(Bad::new(
            "no such socket",
            "plan --from postgresql:///app?host={dir} --to {dir}/schema.sql",
            1,
            &["{dir}"],
        )),
        to(Bad::new(
            "wrong password",
            "plan --from postgresql://locked:wrong-secret@127.0.0.1:{port}/{name} --to {dir}/schema.sql",
            1,
            &["password authentication failed", "locked"],
        )),
        to(Bad::new(
            "no password",
            "plan --from postgresql://locked@127.0.0.1:{port}/{name} --to {dir}/schema.sql",
            1,
            &["password"],
        )),
        to(Bad::new(
            "no such database",
            "plan --from postgresql://postgres:super-secret@127.0.0.1:{port}/nowhere --to {dir}/schema.sql",
            1,
            &["\"nowhere\" does not exist"],
        )),
        to(Bad::new(
            "no such role",
            "plan --from postgresql://stranger:x-secret@127.0.0.1:{port}/{name} --to {dir}/schema.sql",
            1,
            &["stranger"],
        )),
        to(Bad::new(
            "a port that is none",
            "plan --from postgresql://me@127.0.0.1:port/app --to {dir}/schema.sql",
            1,
            &["port"],
        )),
        to(Bad::new(
            "TLS that is not offered",
            "plan --from postgresql://postgres:super-secret@127.0.0.1:{port}/{name}?sslmode=require --to {dir}/schema.sql",
            1,
            &["TLS"],
        )),
        to(Bad::new(
            "an sslmode that is none",
            "plan --from postgresql://postgres:super-secret@127.0.0.1:{port}/{name}?sslmode=always --to {dir}/schema.sql",
            1,
            &["sslmode", "always"],
        )),
        to(Bad::new(
            "a certificate that is missing",
            "plan --from postgresql://postgres:super-secret@127.0.0.1:{port}/{name}?sslmode=verify-full&sslrootcert={dir}/ca.pem --to {dir}/schema.sql",
            1,
            &["ca.pem"],
        )),
        Bad::new(
            "a snapshot that is no JSON",
            "plan --from {url} --to {dir}/snapshot.json",
            1,
            &["snapshot.json"],
        )
        .file("snapshot.json", "CREATE TABLE a ();"),
        Bad::new(
            "a snapshot of something else",
            "plan --from {url} --to {dir}/package.json",
            1,
            &["package.json", "snapshot"],
        )
        .file("package.json", "{\"name\": \"app\", \"version\": \"1.0.0\"}"),
        Bad::new(
            "a snapshot cut short",
            "plan --from {url} --to {dir}/snapshot.json",
            1,
            &["snapshot.json"],
        )
        .file("snapshot.json", "{\"format\": 1, \"catalog\": {\"objects\": ["),
        Bad::new(
            "a file of an unknown sort",
            "plan --from {url} --to {dir}/schema.yaml",
            1,
            &["schema.yaml"],
        )
        .file("schema.yaml", "tables: []"),
        to(Bad::new("inspect of nothing", "inspect", 1, &["SOURCE"])),
        to(Bad::new("nothing to compare with", "plan --from {url}", 1, &["--to"])),
    ]
}
