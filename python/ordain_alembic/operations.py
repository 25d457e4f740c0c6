"""The statements of a plan as operations, and how they are written into a file."""

import textwrap

from alembic.autogenerate import renderers
from alembic.operations import ops


class Statement(ops.ExecuteSQLOp):
    """One statement of the upgrade."""

    def __init__(self, leg, statement):
        super().__init__(statement["text"])
        self.leg = leg
        self.code = statement["code"]
        self.imports = statement["imports"]
        self.back = None

    def reverse(self):
        return WayBack(self.leg, self.back)

    def to_diff_tuple(self):
        return ("execute", self.sqltext)


class WayBack(ops.MigrateOperation):
    """What takes one transaction of the plan back; without a leg nothing."""

    def __init__(self, leg, back):
        self.leg = leg
        self.back = back

    def reverse(self):
        raise NotImplementedError("the way back of a way back")


@renderers.dispatch_for(Statement)
def _statement(autogen_context, operation):
    return _code(autogen_context, [{"code": operation.code, "imports": operation.imports}])


@renderers.dispatch_for(WayBack)
def _way_back(autogen_context, operation):
    if operation.back is None:
        return []
    if operation.back["irreversible"] is not None:
        return ["raise NotImplementedError(%r)" % ("cannot be undone: " + operation.back["irreversible"])]
    return _code(autogen_context, operation.back["downgrade"])


def _code(autogen_context, statements):
    for statement in statements:
        autogen_context.imports.update(statement["imports"])
    return [textwrap.dedent(statement["code"]).rstrip("\n") for statement in statements]


def split_revisions(context):
    """Before the project's own hook, one file becomes several: each is one transaction of the plan."""
    project_hook = context.opts.get("process_revision_directives")

    def hook(context, revision, directives):
        scripts = _split(directives)
        if project_hook:
            project_hook(context, revision, directives)
            _link(scripts)

    context.opts["process_revision_directives"] = hook


def _link(scripts):
    """Each after the one before it, by the ids that the project's hook may have given them."""
    from alembic.util import CommandError

    for earlier, later in zip(scripts, scripts[1:]):
        if earlier.rev_id == later.rev_id:
            raise CommandError(
                "this change takes two revisions, since a label can't be used in the transaction that adds it, and"
                " process_revision_directives in env.py gives both the id %r; give each of its directives an id of"
                " its own" % later.rev_id
            )
        later.head = earlier.rev_id


def _split(directives):
    """The scripts in their order; they are in `directives` then."""
    from alembic.util import rev_id

    if not directives or len(directives[-1].upgrade_ops_list) != 1:
        # Several databases in one file: there the transactions stay behind each other.
        return []
    last = directives[-1]
    legs = sorted({op.leg for op in last.upgrade_ops.ops if isinstance(op, Statement)})
    scripts = []
    for leg in legs[:-1]:
        upgrade = _take(last.upgrade_ops, Statement, leg)
        downgrade = _take(last.downgrade_ops, WayBack, leg)
        earlier = ops.MigrationScript(
            rev_id=rev_id(),
            message="%s: new labels" % (last.message or ""),
            upgrade_ops=ops.UpgradeOps(upgrade, upgrade_token=last.upgrade_ops.upgrade_token),
            downgrade_ops=ops.DowngradeOps(downgrade, downgrade_token=last.downgrade_ops.downgrade_token),
            head=last.head,
            splice=last.splice,
            branch_label=last.branch_label,
            version_path=last.version_path,
            depends_on=last.depends_on,
        )
        last.head, last.branch_label, last.splice, last.depends_on = earlier.rev_id, None, False, None
        directives.insert(len(directives) - 1, earlier)
        scripts.append(earlier)
    return scripts + [last]


def _take(container, kind, leg):
    """The operations of one leg, which are then no longer in the container."""
    taken = [op for op in container.ops if isinstance(op, kind) and op.leg == leg]
    container.ops[:] = [op for op in container.ops if op not in taken]
    return taken
