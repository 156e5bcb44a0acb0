"""Files that a command writes: whole or not there, and never in place of something else."""

import os
import threading
from pathlib import Path

import pytest

from api_registry.errors import StorageError
from data.whole_files import appearing


def test_a_file_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with appearing(path, "--out") as file:
        file.write(b"one\n")
        assert not path.exists()
    assert path.read_bytes() == b"one\n"
    with pytest.raises(KeyError), appearing(path, "--out") as file:
        file.write(b"two\n")
        raise KeyError
    assert path.read_bytes() == b"one\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with appearing(tmp_path / "link", "--out") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with appearing(pipe, "--out") as file:
        file.write(b"verdicts")
    reader.join()
    assert read == [b"verdicts"]
    assert pipe.is_fifo()


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    # A link stands for it: if a device were put aside for a file, it would be the machine's own.
    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    with (
        pytest.raises(StorageError, match=r"--out `.*full` cannot be written: No space left"),
        appearing(full, "--out") as file,
    ):
        file.write(b"x" * 100_000)
    with (
        pytest.raises(StorageError, match="No space left"),
        appearing(full, "--out") as file,
    ):
        file.write(b"little, so that it fails at the end")
    assert full.is_symlink()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match=r"no folder `.*none`, make it first"),
        appearing(tmp_path / "none" / "out", "--out"),
    ):
        pass
