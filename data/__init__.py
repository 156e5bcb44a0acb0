"""What a record is and where it goes: samples, their storage form, shards, data sets."""

from data.rows import training_view

__all__ = ["training_view"]
