# What sqlalchemy-declarative-extensions and alembic_utils declare beside the tables.


def extras(targets, recorder):
    return {"kinds": set(), "warnings": []}
