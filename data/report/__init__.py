"""The report of a run: one page that needs no network, from manifests and a sample of the rows."""
