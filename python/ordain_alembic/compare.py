"""The comparison: one run of `ordain plan`, its statements as operations of Alembic."""

import re
import tokenize


def compare(autogen_context, upgrade_ops, schemas):
    """A comparator for the target "schema". Adds the plan's statements, each an ExecuteSQLOp."""
    from . import others, program
    from .operations import Statement, split_revisions

    others.leave_to_ordain(autogen_context)
    context = autogen_context.migration_context
    legs = program.plan(context, autogen_context.metadata)
    commits_each = getattr(context, "_transaction_per_migration", False)
    added = []
    for number, leg in enumerate(legs):
        statements = leg["upgrade"]
        commit = bool(statements) and statements[0]["sql"] == program.COMMIT
        if commit and commits_each:
            statements = statements[1:]
        elif not commit and not commits_each and uses_earlier_label(context, statements):
            statements = [program.commit()] + statements
        operations = [Statement(number, statement) for statement in statements]
        if operations:
            # Alembic turns the list of operations round; the last one brings the whole way back along.
            operations[-1].back = leg
        added.extend(operations)
    upgrade_ops.ops.extend(added)
    if len(legs) > 1:
        split_revisions(context)
    return stop()


def stop():
    """Alembic's own comparison of tables, and of what is in them, does not run."""
    try:
        from alembic.util import PriorityDispatchResult
    except ImportError:
        return None
    return PriorityDispatchResult.STOP


def uses_earlier_label(context, statements):
    """Whether a label is mentioned that a revision adds which a new database runs in the same transaction."""
    script = context.script
    if script is None:
        return False
    labels = set()
    for revision in script.walk_revisions():
        with tokenize.open(revision.path) as file:
            found = re.findall(r"(?i)ADD VALUE\s+(?:IF NOT EXISTS\s+)?('(?:[^']|'')*')", file.read())
        labels.update(found)
    return any(label in statement["sql"] for statement in statements for label in labels)
