"""Rows out of other people's files, a batch at a time: JSON lines, JSON arrays, Parquet."""
