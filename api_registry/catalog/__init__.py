"""Shipped APIs: deterministic, offline, real work."""
