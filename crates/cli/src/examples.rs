//! The examples at the foot of every `--help`.

pub const ORDAIN: &str = "\
Examples:
  ordain inspect postgres://localhost/app --out schema     start from the database you have
  ordain plan --from postgres://localhost/app --to schema  what would have to be done
  ordain apply --from postgres://localhost/app --to schema plan, show, ask, apply
  ordain check --from postgres://localhost/app --to schema exit 2 when they differ

Exit codes: 0 done or no difference, 1 error, 2 differences, 3 refused.";

pub const PLAN: &str = "\
Examples:
  ordain plan --from postgres://localhost/app --to schema --out plan.json
  ordain plan --from empty: --to schema.sql --format sql
  ordain plan --from postgres://localhost/app --to schema --rename column:public.t.old=new
  ordain plan --from postgres://localhost/app --to schema --exclude 'public.events_p*'
  ordain plan --from postgres://localhost/app --to schema --reverse --format sql > back.sql
  ordain plan --from postgres://localhost/app --to schema --format alembic";

pub const REVIEW: &str = "\
Examples:
  ordain review plan.json
  ordain review plan.json --format sql | psql -v ON_ERROR_STOP=1 app
  ordain plan --from old.json --to schema --format json | ordain review -";

pub const APPLY: &str = "\
Examples:
  ordain apply plan.json --database postgres://localhost/app
  ordain apply plan.json --database postgres://localhost/app --yes --allow DELETES_DATA
  ordain apply plan.json --database postgres://localhost/app --resume
  ordain apply --from postgres://localhost/app --to schema
  ordain apply --from postgres://localhost/app --to schema --dry-run";

pub const DIFF: &str = "\
Examples:
  ordain diff --from postgres://localhost/app --to schema
  ordain diff --from before.json --to after.json --schema public";

pub const CHECK: &str = "\
Examples:
  ordain check --from postgres://localhost/app --to schema   exit 0 equal, 2 different
  ordain check --from postgres://localhost/app --to released.json --quiet";

pub const INSPECT: &str = "\
Examples:
  ordain inspect postgres://localhost/app
  ordain inspect postgres://localhost/app --out schema
  ordain inspect postgres://localhost/app --format json --out snapshot.json
  ordain inspect schema --format json";

pub const REVISION: &str = "\
Examples:
  ordain revision -m \"add status\" --from postgres://localhost/app --to sqlalchemy:app.models:Base.metadata
  ordain revision -m \"add status\" --config db/alembic.ini --from postgres://localhost/app --to schema --dry-run";

pub const COMPLETIONS: &str = "\
Examples:
  ordain completions bash > ~/.local/share/bash-completion/completions/ordain
  ordain completions zsh > ~/.zfunc/_ordain
  ordain completions fish > ~/.config/fish/completions/ordain.fish";

pub const MAN: &str = "\
Examples:
  ordain man > ordain.1
  ordain man plan > ordain-plan.1";
