"""The whole run, its Prefect flow, its configuration and its command line."""

import os

# Read when Prefect and Arrow are imported, which is after this package.
for _name, _value in {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # Its own 20 seconds are too few for the local server on a busy or slow machine.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    # Arrow's own allocator keeps for each thread what that thread freed: a run whose Arrow data
    # never took 50 MiB held on to more than 100.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}.items():
    os.environ.setdefault(_name, _value)
