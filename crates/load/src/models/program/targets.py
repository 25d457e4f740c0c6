# `package.module:attribute` → the MetaData behind it.

# What a module's metadata is called where no attribute is named, best first.
USUAL = ("target_metadata", "metadata", "Base", "db", "SQLModel", "mapper_registry")


def resolve(specs):
    """`[("app.models:Base", MetaData | [entities])]`: each thing once, in order. A spec without `:` names a module
    that is only imported if another one names the metadata."""
    found, without = [], []
    for spec in specs:
        module_name, colon, path = spec.partition(":")
        module = imported(module_name.strip(), spec)
        if not colon:
            without.append((spec, module))
            continue
        found.append((spec, attribute(module, path.strip(), spec)))
    if not found:
        for spec, module in without:
            for name in USUAL:
                target = meaning(getattr(module, name, None))
                if target is not None:
                    found.append((spec, target))
                    break
    if not found:
        raise Stop(
            "no metadata is named",
            "say sqlalchemy:package.module:Base.metadata; the part behind the second colon is what holds the tables",
        )
    seen, each = set(), []
    for spec, target in found:
        if id(target) not in seen:
            seen.add(id(target))
            each.append((spec, target))
    return each


def imported(name, spec):
    if not name or name.endswith(".py") or "/" in name:
        raise Stop(
            "%s names no module" % spec,
            "say it as Python imports it: sqlalchemy:package.module:Base.metadata",
        )
    top = name.split(".")[0]
    if os.path.isdir(os.path.join("src", top)) or os.path.isfile(os.path.join("src", top + ".py")):
        sys.path.append(os.path.join(os.getcwd(), "src"))
    try:
        return importlib.import_module(name)
    except Stop:
        raise
    except BaseException as error:
        stop = Stop("importing %s failed\n%s" % (name, shown(error)), *import_advice(name, error))
        stop.tells_output = True
        raise stop


def import_advice(name, error):
    folder, python = os.getcwd(), sys.executable
    advice = []
    missing = getattr(error, "name", None) if isinstance(error, ImportError) else None
    if missing and isinstance(error, ModuleNotFoundError):
        if (name + ".").startswith(missing + "."):
            advice.append(
                "run ordain in the folder where `python -c 'import %s'` works (this is %s), or set PYTHONPATH"
                % (name, folder)
            )
        else:
            advice.append("%s is not installed for %s" % (missing.split(".")[0], python))
        advice.append("another interpreter: --python PATH, or VIRTUAL_ENV=… (this was %s)" % python)
    elif isinstance(error, SystemExit):
        advice.append("the module ends the program when it is imported")
    elif isinstance(error, KeyError) and isinstance(error.__context__, KeyError):
        advice.append("it may want a variable of the environment that is not set here")
    return advice


def attribute(module, path, spec):
    thing = module
    for name in path.split("."):
        try:
            thing = getattr(thing, name)
        except AttributeError:
            known = [n for n in dir(thing) if meaning(getattr(thing, n, None)) is not None]
            advice = ["it has: %s" % ", ".join(sorted(known))] if known else []
            raise Stop("%s: %s has no attribute %s" % (spec, getattr(thing, "__name__", thing), name), *advice)
    target = meaning(thing)
    if target is None:
        raise Stop(
            "%s is %s, which holds no tables" % (spec, kind(thing)),
            "it must be a MetaData, a declarative Base, a registry, Flask-SQLAlchemy's db or an SQLModel",
        )
    return target


def kind(thing):
    name = type(thing).__name__
    return "%s %s" % ("an" if name[:1] in "AEIOUaeiou" else "a", name)


def meaning(thing):
    """The MetaData of a Base, a `db` or an SQLModel; a list of alembic_utils' entities; None for anything else."""
    from sqlalchemy import MetaData

    if isinstance(thing, MetaData):
        return thing
    try:
        metadata = getattr(thing, "metadata", None)
    except Exception:
        metadata = None
    if isinstance(metadata, MetaData):
        return metadata
    entities = [thing] if is_entity(thing) else thing
    if isinstance(entities, (list, tuple)) and entities and all(is_entity(each) for each in entities):
        return list(entities)
    return None


def is_entity(thing):
    return hasattr(thing, "to_sql_statement_create") and not isinstance(thing, type)
