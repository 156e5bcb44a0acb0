"""Settings of what becomes a data set, out of the rows that passed every check."""

from api_registry.types import Model
from data.contamination.config import DecontaminationConfig
from data.dedup.config import DedupConfig
from data.licences import OWN


class DatasetConfig(Model):
    """How a data set is made of finished shards; no part of a run's identity."""

    dedup: DedupConfig = DedupConfig()
    decontamination: DecontaminationConfig = DecontaminationConfig()
    license: str = OWN
    """Licence of the rows that name none of their own, as the Hub writes it."""
    generator_license: str | None = None
    """Terms for what the model that wrote the drafts writes, such as `llama3.1`; needed to publish
    what a model wrote."""
