"""The models that env.py has in memory, as a source for ordain.

ordain reads models by a small program that it runs in the project's interpreter. Here the interpreter that it is given is
a script which hands that program to us, and a child of ours, forked with everything that env.py has made, runs it.
"""

import os
import select
import socket
import stat
import sys
import types

MODULE = "ordain_alembic_target"

INTERPRETER = """#!/bin/sh
exec "%s" -c '
import json, os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(json.dumps(sys.argv[3:]).encode() + b"\\n")
s.shutdown(socket.SHUT_WR)
while True:
    data = s.recv(65536)
    if not data:
        break
    os.write(1, data)
' "%s" "$@"
"""


class Models:
    """A script for `--python` and a name for `--to`, good as long as `serve` is called."""

    def __init__(self, folder, metadata, connection):
        from alembic.util import CommandError

        if not hasattr(os, "fork"):
            raise CommandError("name the models: ordain_to='sqlalchemy:package.module:Base.metadata' in context.configure()")
        all_of_it = list(metadata) if isinstance(metadata, (list, tuple)) else [metadata]
        self.attributes = {"metadata%d" % number: each for number, each in enumerate(all_of_it)}
        self.source = "sqlalchemy:" + ",".join("%s:%s" % (MODULE, name) for name in self.attributes)
        self.connection = connection
        address = os.path.join(folder, "models")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(address)
        self.socket.listen(1)
        self.interpreter = os.path.join(folder, "python")
        with open(self.interpreter, "w") as file:
            file.write(INTERPRETER % (sys.executable, address))
        os.chmod(self.interpreter, os.stat(self.interpreter).st_mode | stat.S_IXUSR)

    def serve(self, process):
        """Answers, if within a moment somebody asks."""
        if not select.select([self.socket], [], [], 0.05)[0]:
            return
        peer = self.socket.accept()[0]
        data = b""
        while not data.endswith(b"\n"):
            more = peer.recv(65536)
            if not more:
                break
            data += more
        child = os.fork()
        if child == 0:
            self._answer(peer, data)
        peer.close()
        os.waitpid(child, 0)

    def _answer(self, peer, data):
        """In the child, which never comes back: the connection to the database is its parent's."""
        import json

        status = 1
        try:
            program, argument = json.loads(data.decode())
            os.dup2(peer.fileno(), 1)
            module = types.ModuleType(MODULE)
            vars(module).update(self.attributes)
            sys.modules[MODULE] = module
            sys.argv = ["-c", argument]
            exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})
            status = 0
        finally:
            os._exit(status)
