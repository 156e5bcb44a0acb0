"""What the checks are told."""

from api_registry.types import Model


class ChecksConfig(Model):
    """How strict the checks are."""

    repair: bool = False
    """Mend JSON with a trailing comma, single quotes, Python's literals, unquoted keys or missing
    closing brackets. What is mended says so in its provenance (`repaired`)."""
