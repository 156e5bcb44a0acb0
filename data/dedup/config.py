"""Settings of the search for copies. They decide what goes into a data set, not what is drafted."""

from typing import Annotated

from pydantic import Field

from api_registry.types import Model


class DedupConfig(Model):
    """What counts as a copy of an earlier row."""

    near: bool = True
    """Look for rows that nearly repeat an earlier one, besides those that do so exactly."""
    threshold: Annotated[float, Field(ge=0.5, le=1)] = 0.7
    """Jaccard similarity of two rows' shingles from which the later one is a copy."""
    shingle_words: Annotated[int, Field(ge=1, le=5)] = 2
    """Consecutive words of the query in one shingle; queries are short, so few."""
    embedding_model: str | None = None
    """Name or folder of a sentence-transformers model (extra `embed`); None: not by meaning."""
    embedding_threshold: Annotated[float, Field(ge=0.5, le=1)] = 0.95
    """Cosine of two queries from which the later row is a copy, its calls being the same."""
