"""Libraries whose declarations ordain reads, and whose own comparison would make them a second time."""

_DECLARED = "sqlalchemy_declarative_extensions.alembic."

# Its roles, rows and databases are no part of a plan: what it compares of those is left to it.
COMPARED_BY_ORDAIN = {"alembic_utils.replaceable_entity"} | {
    _DECLARED + kind for kind in ("schema", "view", "function", "procedure", "trigger", "grant")
}


def leave_to_ordain(autogen_context):
    """Takes their functions off the list of those that run after this one."""
    dispatcher = getattr(autogen_context, "comparators", None)
    if dispatcher is None:
        from alembic.autogenerate import comparators as dispatcher
    for key, functions in dispatcher._registry.items():
        if key[0] == "schema":
            functions[:] = [each for each in functions if _module(each) not in COMPARED_BY_ORDAIN]


def _module(registered):
    function = registered[0] if isinstance(registered, tuple) else registered
    return getattr(function, "__module__", None)
