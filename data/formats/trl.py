"""TRL's conversational format: `messages` and `tools`, arguments as objects.

https://huggingface.co/docs/trl/dataset_formats. Exactly what chat templates take, so it is the
training view, row for row.
"""

from collections.abc import Mapping
from typing import Any

from data.rows import training_view


def write(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row as TRL's trainers read it."""
    return training_view(row)
