"""The process that trains: started through `accelerate launch`, heard, and ended with this one.

It runs under a supervisor (`generators.supervisor`), so that nothing of it outlives this process,
however that ends.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from api_registry.errors import TrainingError, UsageError
from flows.training.config import FinetuneConfig
from generators.supervisor import supervised
from generators.vllm_server.log import cause, tail

Say = Callable[[str], None]
Event = Mapping[str, Any]
Hear = Callable[[Event], None]
MARK = "\x1e"
"""Begins a line that is an event as JSON (RFC 7464), and not for people."""
CONFIGURATIONS = Path(__file__).with_name("accelerate")
_GRACE_S = 5.0
_LOOK_S = 0.2


class Stopped(Exception):
    """Nobody wants the training any more; the same call goes on from its last checkpoint."""


@dataclass(frozen=True)
class Launch:
    """What is started."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]


def launch_of(config: FinetuneConfig, module_arguments: Sequence[str], gpus: int) -> Launch:
    """The command that trains on so many GPUs. Raises `UsageError` for an unknown configuration."""
    argv = [sys.executable, "-m", "accelerate.commands.launch"]
    if config.accelerate:
        argv += ["--config_file", str(configuration(config.accelerate))]
        if config.processes:
            argv += ["--num_processes", str(config.processes)]
    else:
        processes = config.processes or max(gpus, 1)
        argv += ["--num_processes", str(processes), "--num_machines", "1"]
        argv += ["--mixed_precision", "no", "--dynamo_backend", "no"]
        argv += [] if gpus else ["--cpu"]
        argv += ["--multi_gpu"] if gpus and processes > 1 else []
    argv += ["--module", "flows.training", *module_arguments]
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        # What lies about in the working directory must not stand in for a package.
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "DO_NOT_TRACK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    if not gpus:
        environment.setdefault("OMP_NUM_THREADS", str(max((os.cpu_count() or 2) // 2, 1)))
    return Launch(tuple(argv), environment)


def configuration(name: str) -> Path:
    """The file of an accelerate configuration, shipped or given. Raises `UsageError`."""
    shipped = CONFIGURATIONS / f"{name}.yaml"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in CONFIGURATIONS.glob("*.yaml")))
        raise UsageError(f"--accelerate-config `{name}`: expected a file, or one of {known}")
    return path


def run(
    launch: Launch, log: Path, say: Say, hear: Hear, *, hold: int, stop: threading.Event | None
) -> None:
    """Run it to its end, passing on what it says; it has ended when this returns or raises.

    `hold` is a descriptor that stays open until all of it is gone. Raises `TrainingError` with its
    last words when it fails, and `Stopped` when `stop` is set.
    """
    with log.open("ab") as kept:
        process = subprocess.Popen(
            supervised(launch.argv, _GRACE_S),
            env=dict(launch.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(hold,),
            # Ctrl-C is for us; the training ends when the pipe to its supervisor closes.
            start_new_session=True,
        )
        try:
            _listen(process, kept, say, hear, stop)
        finally:
            if process.stdin:
                process.stdin.close()
            process.wait()
            if process.stdout:
                process.stdout.close()
    if process.returncode:
        reason = cause(log)
        raise TrainingError(
            f"the training ended with exit code {process.returncode}; its log is `{log}`, what is "
            f"finished is kept\n{tail(log)}" + (f"\nmost likely: {reason}" if reason else "")
        )


def _listen(
    process: "subprocess.Popen[bytes]",
    kept: IO[bytes],
    say: Say,
    hear: Hear,
    stop: threading.Event | None,
) -> None:
    """Pass on its lines until it ends. Raises `Stopped`."""
    lines: queue.Queue[bytes | None] = queue.Queue()

    def read() -> None:
        if process.stdout:
            with suppress(ValueError):  # closed while it waits
                for line in process.stdout:
                    lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        if stop is not None and stop.is_set():
            raise Stopped
        try:
            line = lines.get(timeout=_LOOK_S)
        except queue.Empty:
            continue
        if line is None:
            return
        text = line.decode("utf-8", "replace").rstrip()
        if text.startswith(MARK):
            hear(json.loads(text.removeprefix(MARK)))
            continue
        kept.write(line)
        kept.flush()
        if text:
            say(text)
