"""The runs' folders as pages on this machine, so that Prefect's UI can link to reports."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT, URL = "CALLFORGE_PAGES_ROOT", "CALLFORGE_PAGES_URL"
"""Environment of the worker: which folder is served, and at which address."""


@contextmanager
def pages(root: Path, host: str, port: int) -> Iterator[dict[str, str]]:
    """Serve a folder, reading only, at a port or a free one where it is taken.

    Yields the environment by which `link_to` knows of it.
    """
    root.mkdir(parents=True, exist_ok=True)
    handler = partial(_Quiet, directory=str(root))
    try:
        server = ThreadingHTTPServer((host, port), handler)
    except OSError:
        server = ThreadingHTTPServer((host, 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield {ROOT: str(root.resolve()), URL: f"http://{host}:{server.server_address[1]}"}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def link_to(path: Path) -> str:
    """Address of a file or folder: the page of a running `callforge up`, else where it lies."""
    root, url = os.environ.get(ROOT), os.environ.get(URL)
    whole = path.resolve()
    if root and url and whole.is_relative_to(root):
        return f"{url}/{quote(whole.relative_to(root).as_posix())}{'/' if path.is_dir() else ''}"
    return whole.as_uri()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Say nothing: the terminal is for the runs."""
