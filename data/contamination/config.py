"""Settings of decontamination. They decide what goes into a data set, not what is drafted."""

from api_registry.types import Model


class DecontaminationConfig(Model):
    """Which questions no row may hold."""

    bfcl: bool = True
    """Compare with the shipped table of BFCL's public questions."""
    against: tuple[str, ...] = ()
    """Further files of questions: JSON lines, or a text per line."""
