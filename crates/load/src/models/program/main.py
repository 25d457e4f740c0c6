# The result: one line of JSON.


def run(request):
    sys.argv = ["ordain"]
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())
    sys.meta_path.append(Drivers)
    try:
        import sqlalchemy
    except ImportError as error:
        raise Stop(
            "SQLAlchemy is not installed for %s (%s)" % (sys.executable, error),
            "name the project's interpreter: --python PATH, or activate its environment (VIRTUAL_ENV)",
        )
    version = tuple(int(part) for part in sqlalchemy.__version__.split(".")[:2])
    if version < (1, 4):
        raise Stop("SQLAlchemy %s is older than 1.4, which is the oldest that can be read" % sqlalchemy.__version__)
    sqlalchemy.inspection._inspects(Recorder)(inspector)
    targets = resolve(request["specs"])
    metadatas = [(spec, target) for spec, target in targets if not isinstance(target, list)]
    translate = {old: new for old, new in request["translate"]}
    recorder = Recorder(dialect_for(request["version"]), translate)
    types, plans = record(metadatas, recorder)
    more = extras(targets, recorder)
    return answer(recorder, types, plans, more, version)


def answer(recorder, types, plans, more, version):
    enums, existing = types.described()
    tables, elsewhere, schemas = [], [], set()
    for _, metadata, ours, theirs in plans:
        for table in ours:
            schema = recorder.schema_for_object(table)
            schemas.add(schema)
            tables.append({"schema": schema, "name": table.name})
        for table in theirs:
            elsewhere.append({"schema": recorder.schema_for_object(table), "name": table.name})
    schemas.update(key[1] for key in recorder.made)
    statements = []
    for schema in sorted(each for each in schemas if each):
        quoted = recorder.dialect.identifier_preparer.quote_identifier(schema)
        statements.append("CREATE SCHEMA IF NOT EXISTS %s" % quoted)
    return {
        "sqlalchemy": list(version),
        "statements": statements + recorder.first + recorder.statements,
        "schemas": sorted(schemas, key=lambda each: each or ""),
        "tables": tables,
        "elsewhere": elsewhere,
        "types_elsewhere": existing,
        "enums": enums,
        "kinds": sorted(more["kinds"]),
        "warnings": recorder.warnings + more["warnings"],
    }


def main():
    silence = Silence()
    try:
        result = run(json.loads(sys.argv[1]))
    except Stop as stop:
        result = {"error": str(stop), "advice": stop.advice, "said": silence.said() if stop.tells_output else ""}
    except BaseException as error:
        result = {"error": shown(error), "advice": [], "said": silence.said()}
    silence.answer(result)
    # What the project left running must not hold us up.
    os._exit(0)


main()
