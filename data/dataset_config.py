"""Settings of what becomes a data set, out of the rows that passed every check."""

from api_registry.types import Model
from data.contamination.config import DecontaminationConfig
from data.dedup.config import DedupConfig


class DatasetConfig(Model):
    """How a data set is made of finished shards; no part of a run's identity."""

    dedup: DedupConfig = DedupConfig()
    decontamination: DecontaminationConfig = DecontaminationConfig()
