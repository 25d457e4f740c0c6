# MetaData → statements, as `create_all` would send them to a server on which nothing was made yet.


def dialect_for(version):
    """PostgreSQL without a driver. `named`: the paramstyles of drivers double every `%`."""
    from sqlalchemy.dialects.postgresql.base import PGDialect

    dialect = PGDialect(paramstyle="named")
    dialect.driver = getattr(dialect, "driver", None) or "psycopg"
    dialect.server_version_info = tuple(version)
    dialect.default_schema_name = "public"
    # What `initialize` finds out from a server: standard_conforming_strings is on, and what its version can do.
    dialect._backslash_escapes = False
    if hasattr(dialect, "supports_virtual_generated_columns"):
        dialect.supports_virtual_generated_columns = tuple(version) >= (18,)
    return dialect


def record(metadatas, recorder):
    """Runs `create_all` of each; returns the tables that are ours and those that must be there already."""
    types = Types(recorder)
    recorder.types = types
    plans = []
    for spec, metadata in metadatas:
        stand_ins(metadata)
        without_comparers(metadata)
        ours = [table for table in metadata.tables.values() if not is_elsewhere(table)]
        theirs = [table for table in metadata.tables.values() if is_elsewhere(table)]
        plans.append((spec, metadata, ours, theirs))
    for _, _, ours, theirs in plans:
        for table in ours:
            types.add_table(table, True)
        for table in theirs:
            types.add_table(table, False)
    for spec, metadata, ours, _ in plans:
        recorder.spec = spec
        try:
            metadata.create_all(recorder, tables=ours, checkfirst=False)
        except Stop:
            raise
        except Exception as error:
            raise Stop("%s: SQLAlchemy can't write it as SQL\n%s" % (spec, shown(error)), *advice_for(error))
    for type_ in list(types.missing()):
        recorder.execute(create_type(type_))
    return types, plans


def create_type(type_):
    from sqlalchemy.dialects import postgresql

    name = "CreateDomainType" if is_domain(type_) else "CreateEnumType"
    # 1.4 does not export it.
    make = getattr(postgresql, name, None) or getattr(postgresql.base, name)
    return make(type_)


def is_elsewhere(table):
    """Marked, in one of the ways in use with Alembic, as made by somebody else."""
    info = table.info
    return bool(
        info.get("skip_autogenerate") or info.get("is_view") or info.get("ordain") in ("external", "elsewhere")
    )


def stand_ins(metadata):
    """A key may refer to a table that no model describes: it stands in the metadata, marked, and is not created."""
    from sqlalchemy import Column, Table
    from sqlalchemy.exc import NoReferencedColumnError, NoReferencedTableError
    from sqlalchemy.types import NullType

    for table in list(metadata.tables.values()):
        for key in table.foreign_keys:
            try:
                key.column
            except NoReferencedTableError:
                schema, name, column = key._column_tokens
                schema = schema or metadata.schema
                Table(name, metadata, Column(column, NullType()), schema=schema, info={"ordain": "external"})
            except NoReferencedColumnError:
                schema, name, column = key._column_tokens
                known = metadata.tables.get(name if schema is None else "%s.%s" % (schema, name))
                if known is None or known.info.get("ordain") != "external":
                    raise Stop(
                        "%s.%s refers to %s, which has no column %s"
                        % (table.fullname, key.parent.name, known if known is not None else name, column)
                    )
                known.append_column(Column(column, NullType()))


def advice_for(error):
    name = type(error).__name__
    if name == "CompileError" and "NullType" in str(error):
        return ["a column has no type that could be found: name its type, or import the module of what it refers to"]
    if name in ("CircularDependencyError",):
        return ["name the foreign keys of the circle, or say use_alter=True for one of them"]
    return []
