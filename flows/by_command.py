"""Flows that a command runs: their server out of Ctrl-C's way, their end and their errors in words.

A terminal sends Ctrl-C to every process of a command. Prefect's temporary server would end by it
before the flow does, which then asks it for minutes whether it may end.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.client.base import ServerType, determine_server_type
from prefect.exceptions import TerminationSignal
from prefect.server.api.server import SubprocessASGIServer

from api_registry.errors import CallforgeError

_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")


@contextmanager
def by_command() -> Iterator[None]:
    """Run a flow in the body; SIGTERM raises `KeyboardInterrupt`, as Ctrl-C does."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_in_one_line)
    if determine_server_type() is ServerType.EPHEMERAL:
        _start_server()
    try:
        yield
    except (TerminationSignal, asyncio.CancelledError):
        # What Prefect makes of SIGTERM while a flow runs, and what asyncio makes of that when it
        # came between two steps. Prefect has passed the signal on to the command's own handler.
        raise KeyboardInterrupt from None
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(_in_one_line)


def _start_server() -> None:
    """Start the server that Prefect would start for the flow, deaf to Ctrl-C; it ends at our exit.

    A thread of its own starts it: a process inherits the signals that its starter has blocked.
    """
    failed: list[Exception] = []

    def start() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            SubprocessASGIServer().start()
        except Exception as error:  # raised where it is waited for
            failed.append(error)

    # Nobody waits for it at exit: Ctrl-C ends the command also while the server starts.
    starting = threading.Thread(target=start, daemon=True)
    starting.start()
    starting.join()
    if failed:
        raise failed[0]


def _in_one_line(record: logging.LogRecord) -> bool:
    """Keep the traceback of what the user can mend to --debug; the line says what it is."""
    if record.exc_info and isinstance(record.exc_info[1], CallforgeError):
        record.exc_info = None
    return True
