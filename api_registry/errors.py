"""Every error that Callforge raises on purpose.

    CallforgeError              something the user can mend; the command line prints it in one line
    ├── UsageError              what was asked for makes no sense (exit code 2)
    │   ├── ConfigError         a configuration value or file
    │   └── SourceError         an API specification that cannot be read
    ├── StorageError            a run folder, shard or manifest not as expected (exit code 1)
    ├── ExecutionError          the machinery that runs calls broke (exit code 1)
    ├── EndpointError           the model endpoint answers no request at all (exit code 1)
    ├── ServerError         a model server of one's own cannot be started, or ended (exit code 1)
    ├── TrainingError           the process that trains ended with an error (exit code 1)
    └── BudgetError             a budget that is too small for anything (exit code 1)

A bad record is none of these: it is data, and is written with its stage, reason and detail.
Anything else that is raised is a bug, and is left to crash.
"""


class CallforgeError(Exception):
    """Names the thing in backticks, says what was expected and what to do."""

    exit_code = 1


def install_hint(extra: str) -> str:
    """How to install what only some commands need: the supported install is a clone."""
    return f"in the clone, pip install -c constraints.txt -e '.[{extra}]'"


class UsageError(CallforgeError):
    """What was asked for cannot be done as asked."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration value or file is wrong."""


class SourceError(UsageError):
    """An API specification cannot be read."""


class StorageError(CallforgeError):
    """A run folder, shard or manifest is not as expected."""


class ExecutionError(CallforgeError):
    """The supervisor or its runners cannot be started or stopped answering."""


class EndpointError(CallforgeError):
    """The model endpoint refuses everything: key, model, quota or address are wrong."""


class ServerError(CallforgeError):
    """A model server of one's own cannot be started, or ended on its own."""


class TrainingError(CallforgeError):
    """The process that trains ended before it was done."""


class BudgetError(CallforgeError):
    """A budget was spent before anything was made."""
