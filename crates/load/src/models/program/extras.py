# What sqlalchemy-declarative-extensions and alembic_utils declare beside the tables. Both say which objects of a kind
# there are to be, so the kind is in scope then, unless they are told to leave others alone.

DECLARED = "sqlalchemy_declarative_extensions"


def without_comparers(metadata):
    """Listeners of that library compare with a live database when tables are created: what they would make is read
    from its declarations instead."""
    from sqlalchemy import event

    for name in ("before_create", "after_create"):
        for listener in list(getattr(metadata.dispatch, name)):
            if getattr(listener, "__module__", "").startswith(DECLARED):
                event.remove(metadata, name, listener)


def extras(targets, recorder):
    more = {"kinds": set(), "warnings": []}
    for spec, target in targets:
        try:
            if isinstance(target, list):
                entities(target, recorder, more)
            elif DECLARED in sys.modules:
                declared(target, recorder, more)
        except Stop:
            raise
        except Exception as error:
            raise Stop("%s: what it declares beside its tables can't be written as SQL\n%s" % (spec, shown(error)))
    registered = sys.modules.get("alembic_utils.replaceable_entity")
    if registered is not None:
        listed = [id(each) for _, target in targets if isinstance(target, list) for each in target]
        entities([each for each in registered.registry.entities() if id(each) not in listed], recorder, more)
    return more


def declared(metadata, recorder, more):
    from sqlalchemy_declarative_extensions import dialects

    info = metadata.info
    preparer = recorder.dialect.identifier_preparer
    for schema in info.get("schemas") or ():
        recorder.first.append(
            "CREATE SCHEMA IF NOT EXISTS %s" % preparer.quote_identifier(getattr(schema, "name", schema))
        )
    for name, kind in (("functions", "function"), ("procedures", "procedure")):
        declarations = info.get(name)
        make = dialects.get_function_cls if kind == "function" else dialects.get_procedure_cls
        for each in declarations or ():
            cls = make(recorder)
            convert = getattr(cls, "from_unknown_function", None) or getattr(cls, "from_unknown_procedure", None)
            texts((convert(each) if convert else each).normalize().to_sql_create(), recorder)
        speaks_of(declarations, kind, more)
    for each in info.get("views") or ():
        view = dialects.get_view_cls(recorder).coerce_from_unknown(each)
        if view.materialized is True or isinstance(view.materialized, dict):
            options = view.materialized if isinstance(view.materialized, dict) else {}
            view.materialized = dialects.postgresql.MaterializedOptions(**options)
        indexes(view, metadata, recorder)
        texts(view.to_sql_create(recorder.dialect), recorder)
    speaks_of(info.get("views"), "view", more)
    for each in info.get("triggers") or ():
        texts(each.to_sql_create(), recorder)
    speaks_of(info.get("triggers"), "trigger", more)
    for each in info.get("roles") or ():
        texts(each.to_sql_create() if hasattr(each, "to_sql_create") else (), recorder)
    grants = info.get("grants")
    # What is granted by default is to be granted on what there is as well, unless told otherwise.
    implied = getattr(grants, "default_grants_imply_grants", True)
    for each in grants or ():
        text = str(each.to_sql()).rstrip(";")
        if hasattr(each, "default_grant") and implied:
            recorder.first.append(text)
        else:
            recorder.add(text)


def indexes(view, metadata, recorder):
    constraints = getattr(view, "constraints", None)
    if constraints:
        from sqlalchemy_declarative_extensions.view.base import ViewIndex

        convention = metadata.naming_convention
        view.constraints = [ViewIndex.from_unknown(c, view, recorder.dialect, convention) for c in constraints]


def texts(statements, recorder):
    for statement in [statements] if isinstance(statements, str) else statements:
        recorder.execute(statement)


def speaks_of(declarations, kind, more):
    if declarations is None or not list(declarations) or getattr(declarations, "ignore_unspecified", False):
        return
    if getattr(declarations, "include", None) or getattr(declarations, "ignore", None):
        return
    more["kinds"].add(kind)
    if kind == "view":
        more["kinds"].add("materialized view")


ENTITIES = {
    "PGFunction": "function",
    "PGView": "view",
    "PGMaterializedView": "materialized view",
    "PGTrigger": "trigger",
    "PGPolicy": "policy",
}


def entities(each_entity, recorder, more):
    for entity in each_entity:
        recorder.execute(entity.to_sql_statement_create())
        kind = ENTITIES.get(type(entity).__name__)
        if kind:
            more["kinds"].add(kind)
