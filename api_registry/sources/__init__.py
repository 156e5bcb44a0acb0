"""Where APIs are found: one module per kind of source."""
