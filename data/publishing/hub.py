"""Publishing to the Hugging Face Hub: one commit with everything, one tag per run.

Nothing of a set is visible before all of it is. Large files go up first, by content, so a second
try sends only what is missing; a commit that was made is found again by the digest in its title.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from api_registry.errors import StorageError, UsageError
from data.publishing.bundle import Bundle
from data.publishing.config import Published

_OURS = re.compile(r"(?:train|validation|test|unseen_\w+)-\d{5}-of-\d{5}\.parquet|report\.html")
"""Files of an earlier run that a new commit takes away."""
_NONE = re.compile(r"(?!)")
_HTTP_ERROR: type[Exception] = next(
    kind for kind in HfHubHTTPError.__mro__ if kind.__name__ == "HTTPError"
)
"""Of the client that the library uses: httpx up to 2.3, httpx2 since."""
Kind = Literal["dataset", "model"]


def publish_to_hub(
    bundle: Bundle, repo: str, *, private: bool, kind: Kind = "dataset"
) -> Published:
    """Publish a data set or an adapter; the same content twice makes no second commit.

    Raises `StorageError` where the Hub refuses or does not answer; the same call goes on then.
    """
    # Read now: the library's own default is what the environment said when it was imported.
    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None)
    with _explained(repo):
        api.create_repo(repo, repo_type=kind, private=private, exist_ok=True)
        tags = {
            tag.name: tag.target_commit for tag in api.list_repo_refs(repo, repo_type=kind).tags
        }
        if bundle.tag in tags:
            return _published(bundle, api, repo, kind, tags[bundle.tag], sent=0)
        what = "run" if kind == "dataset" else "adapter"
        title = f"Callforge {what} {bundle.name} ({bundle.digest[:16]})"
        commits = api.list_repo_commits(repo, repo_type=kind)
        commit = next((entry.commit_id for entry in commits if entry.title == title), None)
        sent = 0
        if commit is None:
            operations = [
                CommitOperationAdd(path_in_repo=file.name, path_or_fileobj=file.path)
                for file in bundle.files
            ]
            stale = _stale(api, bundle, repo, kind)
            info = api.create_commit(
                repo,
                [*operations, *map(CommitOperationDelete, stale)],
                commit_message=title,
                repo_type=kind,
                # Refused if somebody else has committed since: nothing of theirs is lost.
                parent_commit=commits[0].commit_id if commits else None,
            )
            commit, sent = info.oid, len(operations)
        api.create_tag(repo, tag=bundle.tag, revision=commit, repo_type=kind, exist_ok=True)
    return _published(bundle, api, repo, kind, commit, sent=sent)


def _stale(api: HfApi, bundle: Bundle, repo: str, kind: Kind) -> list[str]:
    names = {file.name for file in bundle.files}
    ours = _OURS if kind == "dataset" else _NONE
    there = api.list_repo_files(repo, repo_type=kind)
    return [name for name in there if name not in names and ours.fullmatch(name)]


def _published(
    bundle: Bundle, api: HfApi, repo: str, kind: Kind, commit: str, *, sent: int
) -> Published:
    return Published(
        place=f"{api.endpoint}/{'datasets/' if kind == 'dataset' else ''}{repo}",
        files=len(bundle.files),
        sent=sent,
        commit=commit,
        tag=bundle.tag,
    )


@contextmanager
def _explained(repo: str) -> Iterator[None]:
    """Turn what the library raises into one line that says what to do."""
    try:
        yield
    except HFValidationError as error:
        raise UsageError(
            f"--repo `{repo}` is no name of a repository on the Hub: {error}"
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no status"
        hint = {
            401: "set HF_TOKEN to a token that may write",
            403: "the token in HF_TOKEN may not write there",
            404: "the account or the repository is not there, or the token may not see it",
            412: "somebody else has committed in the meantime: try again",
        }.get(status if isinstance(status, int) else 0, "try again later")
        raise StorageError(f"the Hub refused `{repo}` ({status}): {hint}") from error
    except (_HTTP_ERROR, OSError, RuntimeError) as error:
        raise StorageError(
            f"the connection to the Hub was lost ({type(error).__name__}): nothing is published "
            "by halves; the same command goes on from what has arrived"
        ) from error
