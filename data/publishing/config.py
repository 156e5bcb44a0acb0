"""What to publish, and where."""

import re
from typing import Self

from pydantic import model_validator

from api_registry.types import Model
from data.store import refuse_password

_REPO = re.compile(r"[\w.-]+/[\w.-]+")


def repo_name(repo: str) -> str:
    """Return a repository's name. Raises `ValueError` for what is none."""
    if not _REPO.fullmatch(repo):
        raise ValueError(f"repo `{repo}`: expected USER/NAME")
    return repo


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
        if self.repo is not None:
            repo_name(self.repo)
        if self.to is not None:
            refuse_password(self.to)
        if self.private and self.repo is None:
            raise ValueError("private is for a repository on the Hub: name --repo USER/NAME")
        return self


class PublishStage(Model):
    """Where a run and its adapter go when they are made; nowhere unless a place is named."""

    repo: str | None = None
    """Data set on the Hub, as USER/NAME."""
    to: str | None = None
    """Any place that fsspec knows, instead."""
    adapter: str | None = None
    """Model repository on the Hub for the adapter, as USER/NAME."""
    private: bool = False
    """Whether repositories that are made anew are private."""

    @model_validator(mode="after")
    def _places(self) -> Self:
        if self.repo is not None and self.to is not None:
            raise ValueError("name one place: `repo` USER/NAME on the Hub, or `to` URL")
        for repo in (self.repo, self.adapter):
            if repo is not None:
                repo_name(repo)
        if self.to is not None:
            refuse_password(self.to)
        return self

    def data_set(self, run: str) -> PublishConfig | None:
        """How a run's data set is published; None where it is not."""
        if self.repo is None and self.to is None:
            return None
        private = self.private and self.repo is not None
        return PublishConfig(run=run, repo=self.repo, to=self.to, private=private)


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
