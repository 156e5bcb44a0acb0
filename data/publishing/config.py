"""What to publish, and where."""

import re
from typing import Self

from pydantic import model_validator

from api_registry.types import Model
from data.store import refuse_password

_REPO = re.compile(r"[\w.-]+/[\w.-]+")


class PublishConfig(Model):
    """Everything that `publish-fc` takes; the token comes from the environment (`HF_TOKEN`)."""

    run: str
    """Folder of a run, or its name below `runs`."""
    runs: str = "runs"
    """Folder of the runs."""
    repo: str | None = None
    """Data set on the Hub, as USER/NAME."""
    private: bool = False
    """Whether a repository that is made anew is private."""
    to: str | None = None
    """Any place that fsspec knows, such as `s3://bucket/folder`, or a folder."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.repo is None) == (self.to is None):
            raise ValueError("name one place: --repo USER/NAME for the Hub, or --to URL")
        if self.repo is not None and not _REPO.fullmatch(self.repo):
            raise ValueError(f"repo `{self.repo}`: expected USER/NAME")
        if self.to is not None:
            refuse_password(self.to)
        if self.private and self.repo is None:
            raise ValueError("private is for a repository on the Hub: name --repo USER/NAME")
        return self


class Published(Model):
    """What came of it."""

    place: str
    """Address of what was published."""
    files: int
    sent: int
    """Files sent now; 0 where all was there already."""
    commit: str | None = None
    """On the Hub: the commit that holds it all."""
    tag: str | None = None
    """On the Hub: the tag of the run."""
