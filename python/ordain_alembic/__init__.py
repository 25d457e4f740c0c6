"""Autogenerate and check by ordain.

From Alembic 1.18 on this module is a plugin, which Alembic finds by itself. For earlier versions importing it in env.py
puts it in the place of Alembic's own comparison.
"""

from .compare import compare

__all__ = ["compare", "setup"]


def setup(plugin):
    """Called by Alembic >= 1.18. What other plugins compare beside tables is left to them, but for what `others` names."""
    from alembic.util import DispatchPriority

    plugin.add_autogenerate_comparator(
        compare, "schema", "tables", qualifier="postgresql", priority=DispatchPriority.FIRST
    )


def _install():
    """Before Alembic 1.18: one registry of comparison functions, Alembic's own among them."""
    from alembic.autogenerate import comparators

    functions = comparators._registry.setdefault(("schema", "default"), [])
    own = [function for function in functions if function.__name__ == "_autogen_for_tables"]

    def instead(autogen_context, upgrade_ops, schemas):
        if autogen_context.dialect.name == "postgresql":
            return compare(autogen_context, upgrade_ops, schemas)
        for function in own:
            function(autogen_context, upgrade_ops, schemas)

    functions[:] = [instead] + [function for function in functions if function not in own]


def _has_plugins():
    try:
        from importlib.util import find_spec

        return find_spec("alembic.runtime.plugins") is not None
    except ImportError:
        return False


if not _has_plugins():
    _install()
