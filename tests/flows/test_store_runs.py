"""Runs whose shards go to a URL: to an S3-compatible server on this machine, and to folders."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from pydantic import ValidationError

from api_registry.errors import StorageError, UsageError
from data.output_config import OutputConfig
from flows.pipeline import RunResult
from tests.conftest import make_run
from tests.filling_store import make_room
from tests.s3 import s3_server

NAME = "kept-elsewhere"


@pytest.fixture(scope="module")
def s3() -> Iterator[fsspec.AbstractFileSystem]:
    with s3_server():
        yield fsspec.filesystem("s3")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """The same run in a folder, undisturbed."""
    out = tmp_path_factory.mktemp("plain")
    return make_run(out, name=NAME, samples=60, output={"out": str(out), "shard_size": 20})


def run_to(url: str, work: Path, **settings: Any) -> RunResult:
    output = {"out": url, "work": str(work), "shard_size": 20}
    return make_run(work, **{"name": NAME, "samples": 60, "output": output, **settings})


def names(files: fsspec.AbstractFileSystem, folder: str) -> set[str]:
    files.invalidate_cache()
    return {path.rpartition("/")[2] for path in files.find(folder)}


def test_a_run_goes_on_from_a_bucket_on_another_machine(
    s3: fsspec.AbstractFileSystem, plain: RunResult, tmp_path: Path
) -> None:
    first = run_to("s3://runs/all", tmp_path / "one", samples=40)
    assert first.made == 40
    # Another machine, as its folder is empty.
    second = run_to("s3://runs/all", tmp_path / "two", samples=60)
    assert second.made == 20
    assert second.manifest.shards == plain.manifest.shards
    assert second.manifest.splits == plain.manifest.splits
    assert names(s3, f"runs/all/{NAME}/shards") == {
        path.name for path in plain.folder.shards.iterdir()
    }
    assert names(s3, f"runs/all/{NAME}/dataset") == {
        "README.md", "manifest.json", "report.html",
        *(name for files in plain.manifest.splits.values() for name in files),
    }  # fmt: skip


def test_a_shard_that_is_damaged_at_the_url_is_made_again(
    s3: fsspec.AbstractFileSystem,
    plain: RunResult,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run_to("s3://runs/damaged", tmp_path / "one")
    s3.pipe_file(f"runs/damaged/{NAME}/shards/kept-00001.parquet", b"PAR1")
    s3.rm_file(f"runs/damaged/{NAME}/shards/rejected-00002.parquet")
    again = run_to("s3://runs/damaged", tmp_path / "two")
    assert again.made == 40
    assert again.manifest.splits == plain.manifest.splits
    assert "the sha256 of `kept-00001.parquet` is not the manifest's" in caplog.text


def test_a_run_with_other_settings_at_the_url_is_refused_by_its_field(tmp_path: Path) -> None:
    url = (tmp_path / "store").as_uri()
    run_to(url, tmp_path / "one", samples=20)
    with pytest.raises(UsageError, match="exists with another `seed`"):
        run_to(url, tmp_path / "two", samples=20, seed=7)


def test_a_store_that_fails_in_the_middle_has_only_whole_shards_and_gets_the_rest_later(
    plain: RunResult, tmp_path: Path
) -> None:
    make_room(6)
    with pytest.raises(StorageError, match=r"no room left\): the same command goes on"):
        run_to("filling:///runs", tmp_path / "work")
    # run.json, one shard of three files, two files of the next: no manifest vouches for those.
    files, root = fsspec.core.url_to_fs("filling:///runs")
    assert sum(path.endswith(".json") for path in files.find(root)) == 2
    make_room(100)
    assert run_to("filling:///runs", tmp_path / "work").made < 60
    assert run_to("filling:///runs", tmp_path / "elsewhere").made == 0
    sent = json.loads(files.cat(f"{root}/{NAME}/dataset/manifest.json"))
    assert sent["shards"] == plain.manifest.shards


def test_a_url_holds_no_password_and_names_a_store_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="holds no password"):
        OutputConfig(out="sftp://me:secret@host/runs")
    with pytest.raises(UsageError, match="`nowhere://x/kept-elsewhere` cannot be opened"):
        run_to("nowhere://x", tmp_path)
