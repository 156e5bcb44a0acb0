"""What a record is and where it goes: samples, their storage form, shards, data sets."""

import data.memory  # noqa: F401 - first, as it must be before Arrow is loaded
from data.rows import training_view

__all__ = ["training_view"]
