# A connection that runs nothing and keeps what it is told to run.


class Nothing:
    """The result of a query that was not asked: no row."""

    rowcount = 0
    returns_rows = False

    def __iter__(self):
        return iter(())

    def __getattr__(self, name):
        if name in ("scalar", "first", "one_or_none", "scalar_one_or_none", "fetchone"):
            return lambda *a, **k: None
        if name in ("all", "fetchall", "fetchmany", "keys"):
            return lambda *a, **k: []
        if name in ("scalars", "mappings", "unique", "columns", "tuples", "close"):
            return lambda *a, **k: self
        raise AttributeError(name)


class Absent:
    """What `inspect(connection)` finds in a database in which nothing was made yet."""

    default_schema_name = None

    def __getattr__(self, name):
        if name.startswith("has_"):
            return lambda *a, **k: False
        if name.startswith("get_multi_"):
            return lambda *a, **k: {}
        if name.startswith("get_"):
            return lambda *a, **k: []
        raise AttributeError(name)


class Block:
    """`with connection.begin():` and its like."""

    is_active = True

    def __init__(self, connection):
        self.connection = connection

    def __enter__(self):
        return self.connection

    def __exit__(self, *_error):
        return False

    def commit(self):
        pass

    rollback = close = commit


class Recorder:
    """Stands in for Engine and Connection in `metadata.create_all`."""

    closed = False
    in_transaction = staticmethod(lambda: True)

    def __init__(self, dialect, translate):
        self.dialect = dialect
        self.name = dialect.name
        self.translate = translate
        self.statements = []
        # What must run before all else.
        self.first = []
        # (kind, schema, name) of the types and sequences that were recorded.
        self.made = set()
        # (kind, schema, name) of tables and indexes: the statement, and the metadata that said it.
        self.said = {}
        # Which metadata is being recorded.
        self.spec = None
        self.types = None
        self.warnings = []
        self.info = {}

    @property
    def engine(self):
        return self

    @property
    def connection(self):
        return self

    def connect(self, **_options):
        return Block(self)

    def begin(self, **_options):
        return Block(self)

    begin_nested = begin

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return False

    def commit(self):
        pass

    rollback = close = commit

    def execution_options(self, **_options):
        return self

    def get_execution_options(self):
        return {}

    def schema_for_object(self, thing):
        return self.translate.get(thing.schema, thing.schema)

    def run_callable(self, function, *arguments, **options):
        return function(self, *arguments, **options)

    def run_sync(self, function, *arguments, **options):
        return function(self, *arguments, **options)

    def _run_ddl_visitor(self, visitor, element, connection=None, **options):
        options["checkfirst"] = False
        visitor(self.dialect, self, **options).traverse_single(element)

    def exec_driver_sql(self, statement, parameters=None, **_options):
        return self.execute(str(statement))

    def scalar(self, statement, *parameters, **options):
        return self.execute(statement, *parameters, **options).scalar()

    def scalars(self, statement, *parameters, **options):
        return self.execute(statement, *parameters, **options)

    def execute(self, statement, parameters=None, *_more, **_options):
        if isinstance(statement, str):
            self.add(statement)
            return Nothing()
        kind = getattr(statement, "__visit_name__", "")
        if kind in ("insert", "update", "delete", "select", "compound_select"):
            # Rows are no part of a schema, and nobody is there to answer.
            return Nothing()
        key = self.key(statement)
        if key is not None:
            if key in self.made or not self.wanted(statement, key):
                return Nothing()
            self.made.add(key)
        if kind == "create_index" and not statement.element.expressions:
            index = statement.element
            self.warnings.append("index %s of table %s has no columns: left out" % (index.name, index.table.fullname))
            return Nothing()
        options = {}
        if kind == "textclause":
            if isinstance(parameters, dict) and parameters:
                statement = statement.bindparams(**parameters)
            options["compile_kwargs"] = {"literal_binds": True}
        if self.translate:
            options["schema_translate_map"] = self.translate
            options["render_schema_translate"] = True
        text = str(statement.compile(dialect=self.dialect, **options))
        if not self.is_said(kind, statement, text):
            self.add(text)
        return Nothing()

    def is_said(self, kind, statement, text):
        """A table in two metadata, or an index of a column that stands in `__table_args__` as well, said alike: Alembic
        takes them for one."""
        if kind not in ("create_table", "create_index"):
            return False
        element = statement.element
        table = element if kind == "create_table" else element.table
        key = (kind, self.schema_for_object(table), element.name)
        before, spec = self.said.setdefault(key, (text, self.spec))
        if before is text:
            return False
        if before == text:
            return True
        if kind == "create_table":
            raise Stop(
                "table %s is defined by %s and by %s, and not alike" % (type_name(key[1:]), spec, self.spec),
                "give both the same MetaData, or mark one table with info={'ordain': 'external'}",
            )
        raise Stop(
            "index %s is defined twice, and not alike:\n  %s\n  %s" % (element.name, before, text),
            "give one of them another name, or take it away",
        )

    def add(self, text):
        text = text.strip().rstrip(";")
        if text:
            self.statements.append(text)

    def key(self, statement):
        """(kind, schema, name) of what must be made only once, though several metadata may say it."""
        kind = getattr(statement, "__visit_name__", "")
        if kind not in ("create_enum_type", "create_domain_type", "create_sequence"):
            return None
        element = statement.element
        return (kind, self.schema_for_object(element), element.name)

    def wanted(self, statement, key):
        if key[0] == "create_sequence" or self.types is None:
            return True
        return self.types.wants(statement.element)


def inspector(_recorder):
    return Absent()
