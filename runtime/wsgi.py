"""`python -m gen_suite.runtime.wsgi module:app PORT`: a WSGI application behind a real socket."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """One thread a request, so that concurrent requests really are."""

    daemon_threads = True


def main(name: str, port: str) -> None:
    """Serve `module:attribute` on the loopback address until killed."""
    sys.path.insert(0, str(Path.cwd()))
    module, _, attribute = name.partition(":")
    app = getattr(importlib.import_module(module), attribute or "app")
    make_server("127.0.0.1", int(port), app, server_class=ThreadingServer).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:3])
