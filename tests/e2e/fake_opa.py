"""A program that starts like the Open Policy Agent and then fails as an OPA may: for the command, not for our own code."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import Literal

Failure = Literal["dies", "hangs", "nonsense", "empty", "refuses", "stale", "allows"]

_PROGRAM = """\
#!{python}
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

if sys.argv[1] == "version":
    print("Version: {version}")
    sys.exit(0)

ALLOW = {{"allow": True, "required": ["x"], "granted_under": ["x"], "deny": [], "obligations": None}}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, b"{{}}")

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        failure = "{failure}"
        if failure == "dies":
            os._exit(1)
        if failure == "hangs":
            time.sleep(3600)
        stale = {{"result": ALLOW, "provenance": {{"bundles": {{"b": {{"revision": "yesterday"}}}}}}}}
        bodies = {{
            "nonsense": b"<html>",
            "empty": b"{{}}",
            "refuses": b"{{}}",
            "stale": json.dumps(stale).encode(),
            "allows": json.dumps({{"result": ALLOW}}).encode(),
        }}
        self.answer(500 if failure == "refuses" else 200, bodies[failure])

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


host, port = sys.argv[sys.argv.index("--addr") + 1].rsplit(":", 1)
HTTPServer((host, int(port)), Handler).serve_forever()
"""


def write_fake_opa(path: Path, *, version: str, failure: Failure) -> None:
    """Write the program; it answers ``version`` and ``run --server`` and serves no decision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_PROGRAM.format(python=sys.executable, version=version, failure=failure), encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
