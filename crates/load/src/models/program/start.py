# Runs in the project's interpreter, never in ours: imports models, and writes what they say as one line of JSON.
# `ordain` joins the files of this folder into one program and passes it to `python -c`. Works on Python 3.6 and later.
import importlib
import json
import os
import sys
import tempfile
import traceback
import types


class Stop(Exception):
    """What a person must be told; `advice` says what to do about it."""

    # Whether what the project printed may be the reason.
    tells_output = False

    def __init__(self, message, *advice):
        Exception.__init__(self, message)
        self.advice = list(advice)


class Silence:
    """Whatever the project prints, to either stream and from whatever process, goes into a file of its own."""

    def __init__(self):
        self.result = os.dup(1)
        self.kept = tempfile.TemporaryFile()
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(self.kept.fileno(), 1)
        os.dup2(self.kept.fileno(), 2)

    def said(self):
        """The last lines of it."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        self.kept.seek(0)
        return self.kept.read().decode("utf-8", "replace")[-2000:]

    def answer(self, answer):
        data = json.dumps(answer).encode("ascii")
        while data:
            data = data[os.write(self.result, data) :]


def machinery(file):
    return file in ("<string>", importlib.__file__) or file.startswith("<frozen importlib")


def shown(error):
    """As Python shows it, without the frames that are ours or the import machinery's."""
    trace = error.__traceback__
    while trace is not None and machinery(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace)).rstrip()
