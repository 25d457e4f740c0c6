# Models are read without a database, so a project that builds its engine on import must not need a driver for it.

DRIVERS = ("psycopg2", "psycopg", "psycopg_pool", "asyncpg", "pg8000", "psycopg2cffi")


class Driver(types.ModuleType):
    """Stands in for a driver that is not installed: has everything, and connects to nothing."""

    __version__ = "99.0.0"
    __path__ = []
    apilevel = "2.0"
    threadsafety = 2
    paramstyle = "pyformat"

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "connect":
            return no_connection
        # As often an exception as a type or a function: a class serves for all of them.
        stub = type(name, (Exception,), {"__module__": self.__name__})
        setattr(self, name, stub)
        return stub


def no_connection(*_args, **_options):
    raise Stop(
        "the project connects to a database when it is imported, and its driver is not installed here",
        "connect when the program starts, not when its modules are imported",
    )


class Drivers:
    """The last resort of `import`: what is really installed has been found before."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] not in DRIVERS:
            return None
        return importlib.machinery.ModuleSpec(name, Drivers, is_package=True)

    @staticmethod
    def create_module(spec):
        return Driver(spec.name)

    @staticmethod
    def exec_module(module):
        pass
