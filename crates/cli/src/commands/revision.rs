//! `ordain revision`.

use crate::Exit;
use crate::error::Error;
use crate::flags::RevisionArgs;
use crate::session::Session;

pub fn run(args: &RevisionArgs, session: &mut Session) -> Result<Exit, Error> {
    let (_from, _to) = session.sides(&args.sides)?;
    Err(Error::usage(
        format!(
            "this version of ordain writes no Alembic revisions yet (asked for {:?})",
            args.message
        ),
        "make the plan with `ordain plan --format sql` and put its SQL into a revision with op.execute()",
    ))
}
