"""The program `ordain`: where it is, what it is asked, what it answers."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from .models import Models

COMMIT = "COMMIT AND CHAIN"

# What libpq knows of a URL's query; drivers have more of their own.
LIBPQ = {
    "host", "hostaddr", "port", "dbname", "user", "passfile", "connect_timeout", "options", "sslmode", "sslcert",
    "sslkey", "sslrootcert", "sslcrl", "sslsni", "channel_binding", "target_session_attrs", "gssencmode",
}  # fmt: skip


def commit():
    """The statement that commits what ran before, as `ordain` writes it."""
    why = "# Uses a label that an earlier revision adds, and a new database runs both in one transaction.\n"
    return {"sql": COMMIT, "text": COMMIT, "code": why + 'op.execute("%s")\n' % COMMIT, "imports": []}


def plan(context, metadata):
    """The plan's transactions: [{"upgrade": [statement], "downgrade": [statement], "irreversible": str | None}]."""
    from alembic.util import CommandError

    environment = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="ordain-alembic-") as folder:
        command = [binary(context), "plan", "--format", "alembic-json", "--color", "never"]
        command += ["--from", _from(context, environment)]
        wanted, models = context.opts.get("ordain_to"), None
        if wanted:
            for source in [wanted] if isinstance(wanted, str) else wanted:
                command += ["--to", source]
        else:
            models = Models(folder, metadata, context.connection)
            command += ["--to", models.source, "--python", models.interpreter]
        if context.version_table != "alembic_version":
            command += ["--exclude", _version_table(context)]
        command += list(context.opts.get("ordain_flags") or ())
        code, out, err = _run(command, environment, folder, models)
    if code != 0:
        raise CommandError("ordain: %s\n%s" % (_verdict(code), err.strip()))
    for line in err.splitlines():
        print("ordain: " + line, file=sys.stderr)
    return json.loads(out)


def binary(context):
    from alembic.util import CommandError

    beside = os.path.join(os.path.dirname(sys.executable), "ordain")
    named = context.opts.get("ordain_binary") or os.environ.get("ORDAIN")
    found = named or (beside if os.access(beside, os.X_OK) else shutil.which("ordain"))
    if not found:
        raise CommandError(
            "the program `ordain` was not found: put it on PATH, set ORDAIN=/path/to/ordain, "
            "or say ordain_binary=… in context.configure()"
        )
    return found


def _from(context, environment):
    """The connection's database for libpq. The password goes by the environment, where nobody else sees it."""
    given = context.opts.get("ordain_from") or os.environ.get("ORDAIN_FROM")
    if given:
        return given
    url = context.connection.engine.url
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    query = {key: value for key, value in url.query.items() if key in LIBPQ}
    return str(url.set(drivername="postgresql", password=None, query=query))


def _version_table(context):
    schema = context.version_table_schema
    return "%s.%s" % (schema, context.version_table) if schema else context.version_table


def _run(command, environment, folder, models):
    paths = [os.path.join(folder, name) for name in ("out", "err")]
    with open(paths[0], "wb") as out, open(paths[1], "wb") as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        while models is not None and process.poll() is None:
            models.serve(process)
        code = process.wait()
    texts = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            texts.append(file.read())
    return code, texts[0], texts[1]


def _verdict(code):
    return {3: "the plan is refused"}.get(code, "it ended with exit code %d" % code)
