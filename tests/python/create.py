"""What SQLAlchemy itself makes of models: `create.py URL MODULE` runs `metadata.create_all` over a real driver."""
import importlib
import os
import sys

from sqlalchemy import create_engine, text

try:
    import psycopg as driver

    name = "postgresql+psycopg"
except ImportError:
    import psycopg2 as driver

    name = "postgresql+psycopg2"

url, module = sys.argv[1:]
sys.path.insert(0, os.getcwd())
metadata = importlib.import_module(module).metadata
# CREATE INDEX CONCURRENTLY wants no transaction.
engine = create_engine(name + "://", creator=lambda: driver.connect(url), isolation_level="AUTOCOMMIT")
schemas = {table.schema for table in metadata.tables.values()} | {s.schema for s in metadata._sequences.values()}
with engine.connect() as connection:
    for schema in sorted(schemas - {None}):
        connection.execute(text('CREATE SCHEMA IF NOT EXISTS "%s"' % schema))
    metadata.create_all(connection)
