"""The embedded generator: a seeded grammar that writes queries and their calls, without a model."""
