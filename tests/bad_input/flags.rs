//! Flags, settings and hints.

use super::{Bad, KEEP};

pub fn cases() -> Vec<Bad> {
    let keep = |case: Bad| case.file("schema.sql", KEEP);
    vec![
        keep(Bad::new(
            "an unknown flag",
            "plan --from {url} --to {dir}/schema.sql --force",
            1,
            &["--force"],
        )),
        keep(Bad::new("an unknown command", "migrate --from {url}", 1, &["migrate"])),
        keep(Bad::new(
            "a rename without a kind",
            "plan --from {url} --to {dir}/schema.sql --rename public.a=b",
            1,
            &["public.a=b", "table:public.a=b"],
        )),
        keep(Bad::new(
            "a rename of an unknown kind",
            "plan --from {url} --to {dir}/schema.sql --rename thing:public.a=b",
            1,
            &["thing"],
        )),
        keep(Bad::new(
            "a rename of nothing",
            "plan --from {url} --to {dir}/schema.sql --rename table:public.nothing=other",
            1,
            &["public.nothing"],
        )),
        keep(Bad::new(
            "a label map without a label",
            "plan --from {url} --to {dir}/schema.sql --map-label public.status",
            1,
            &["public.status"],
        )),
        keep(Bad::new(
            "a lock timeout that is no time",
            "plan --from {url} --to {dir}/schema.sql --lock-timeout soon",
            1,
            &["soon"],
        )),
        keep(Bad::new(
            "a settings file that is missing",
            "plan --from {url} --to {dir}/schema.sql --settings {dir}/none.toml",
            1,
            &["none.toml"],
        )),
        keep(Bad::new(
            "a settings file that is no TOML",
            "plan --from {url} --to {dir}/schema.sql",
            1,
            &["ordain.toml", "1"],
        ))
        .file("ordain.toml", "from ="),
        keep(Bad::new(
            "an unknown setting",
            "plan --from {url} --to {dir}/schema.sql",
            1,
            &["ordain.toml", "shcema"],
        ))
        .file("ordain.toml", "shcema = [\"public\"]\n"),
        keep(Bad::new(
            "a place that cannot be written",
            "plan --from {url} --to {dir}/schema.sql --out {dir}/none/plan.json",
            1,
            &["none/plan.json"],
        )),
        keep(Bad::new(
            "a format that is none",
            "plan --from {url} --to {dir}/schema.sql --format yaml",
            1,
            &["yaml", "text"],
        )),
        keep(Bad::new(
            "a glob that is none",
            "plan --from {url} --to {dir}/schema.sql --schema a[",
            1,
            &["a["],
        )),
    ]
}
