"""Stands in for vLLM's server: same arguments, same way to be started, and misbehaves as told.

The model's name says how: `late`, `dies`, `stubborn` (ignores SIGTERM), `crashes` (as soon as it
has been asked for its health), `silent` (never healthy). It always starts a child and a grandchild,
the latter in a session of its own, and writes all pids to the file named by `STAND_IN_PIDS`.
"""

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODEL = sys.argv[sys.argv.index("--served-model-name") + 1]
PORT = int(sys.argv[sys.argv.index("--port") + 1])
FOREVER = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)"
FAMILY = f"""
import os, subprocess, sys
grandchild = subprocess.Popen([sys.executable, "-c", {FOREVER!r}], start_new_session=True)
print(grandchild.pid, flush=True)
{FOREVER}
"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        if MODEL == "crashes":
            print("torch.OutOfMemoryError: no memory is left", flush=True)
            os._exit(3)

    def log_message(self, *arguments: object) -> None:
        pass


def main() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, text=True, start_new_session=False
    )
    assert child.stdout is not None
    grandchild = int(child.stdout.readline())
    record = {"argv": sys.argv[1:], "pids": [os.getpid(), child.pid, grandchild]}
    place = Path(os.environ["STAND_IN_PIDS"])
    place.with_suffix(".tmp").write_text(json.dumps(record | {"environment": dict(os.environ)}))
    place.with_suffix(".tmp").replace(place)
    print(f"loading {MODEL}", flush=True)
    if MODEL == "dies":
        print("(APIServer pid=1) ValueError: no such weights", flush=True)
        print("(APIServer pid=1) RuntimeError: it failed. See root cause above.", flush=True)
        sys.exit(7)
    if MODEL == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if MODEL == "silent":
        time.sleep(600)
    if MODEL == "late":
        time.sleep(1.5)
    ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()


if __name__ == "__main__":
    main()
