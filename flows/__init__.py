"""The whole run, its Prefect flow, its configuration and its command line."""

import os

# Prefect reads its settings when it is imported, which is after this package.
for _name, _value in {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # Its own 20 seconds are too few for the local server on a busy or slow machine.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}.items():
    os.environ.setdefault(_name, _value)
