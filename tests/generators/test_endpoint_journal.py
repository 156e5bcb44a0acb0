"""The journal: what was answered is there after any crash, whole, and nothing else is."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from api_registry.errors import StorageError
from generators.endpoint.journal import Journal, Key
from generators.types import Completion

ANSWERS = [
    Completion(text='{"pairs": []}', usage={"prompt_tokens": 5, "completion_tokens": 7}),
    Completion(text="", tool_calls=({"function": {"name": "f", "arguments": "{}"}},)),
    Completion(text="half", finish_reason="length"),
    Completion(text="naïve 漢字 \u2028 \x00 \ud800 end\nof line"),
]


def key(draft: int, purpose: str = "draft", attempt: int = 0) -> Key:
    return Key(purpose, draft, attempt, f"{draft:064x}")


def written(folder: Path, answers: Sequence[Completion] = ANSWERS) -> Path:
    """A journal file with these answers as drafts 0, 1, …"""

    async def write() -> None:
        with Journal(folder, 100) as journal:
            for draft, answer in enumerate(answers):
                journal.add(key(draft), answer)

    asyncio.run(write())
    return folder / "00000.journal"


def found(folder: Path, drafts: int = len(ANSWERS)) -> list[Completion | None]:
    with Journal(folder, 100) as journal:
        return [journal.find(key(draft)) for draft in range(drafts)]


def test_what_was_added_is_found_by_the_next_command_as_it_was(tmp_path: Path) -> None:
    written(tmp_path)
    assert found(tmp_path) == ANSWERS


def test_an_answer_belongs_to_its_purpose_draft_attempt_and_request(tmp_path: Path) -> None:
    written(tmp_path)
    with Journal(tmp_path, 100) as journal:
        assert journal.find(key(0)) and journal.replayed == 1
        assert journal.find(key(0, purpose="judge:strict")) is None
        assert journal.find(key(0, attempt=1)) is None
        assert journal.find(Key("draft", 0, 0, "other")) is None
        assert journal.replayed == 1


def test_a_torn_tail_at_any_byte_costs_the_last_answer_alone(tmp_path: Path) -> None:
    path = written(tmp_path, ANSWERS[:2])
    whole = path.read_bytes()
    last = whole[:-1].rfind(b"\n") + 1
    for cut in range(last, len(whole)):
        path.write_bytes(whole[:cut])
        assert found(tmp_path, 2) == [ANSWERS[0], None]
        written(tmp_path, ANSWERS[:2])
        assert found(tmp_path, 2) == ANSWERS[:2]
        path.write_bytes(whole)


def test_a_damaged_line_costs_that_answer_alone(tmp_path: Path) -> None:
    path = written(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    for damaged in (b"garbage\n", b"\n", lines[1].replace(b"f", b"g", 1), b"\xff" * 20 + b"\n"):
        path.write_bytes(lines[0] + damaged + b"".join(lines[2:]))
        assert found(tmp_path) == [ANSWERS[0], None, *ANSWERS[2:]]


def test_a_line_of_another_form_is_left_alone(tmp_path: Path) -> None:
    import zlib

    path = written(tmp_path, ANSWERS[:1])
    for payload in (b"[]", b"{}", b'{"key":"a","answer":{"words":1}}', b"7", b"x"):
        with path.open("ab") as file:
            file.write(b"%08x %s\n" % (zlib.crc32(payload), payload))
    assert found(tmp_path, 1) == ANSWERS[:1]


def test_answers_of_each_shard_are_in_a_file_of_its_own_that_goes_with_it(tmp_path: Path) -> None:
    async def work() -> None:
        with Journal(tmp_path, 100) as journal:
            for draft in (-1, 0, 99, 100):
                journal.add(key(draft), ANSWERS[0])
            journal.drop(0)
            journal.drop(7)

    asyncio.run(work())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00001.journal", "start.journal"]


def test_an_answer_is_in_the_file_before_it_is_used_however_the_process_ends(
    tmp_path: Path,
) -> None:
    code = (
        "import asyncio, os, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.generators.test_endpoint_journal import ANSWERS, key\n"
        "from generators.endpoint.journal import Journal\n"
        "async def work():\n"
        "    journal = Journal(Path(sys.argv[1]), 100)\n"
        "    journal.add(key(0), ANSWERS[0])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(work())\n"
    )
    root = Path(__file__).parent.parent.parent
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, cwd=root)
    assert done.returncode == -9
    assert found(tmp_path, 1) == ANSWERS[:1]


def test_a_full_disk_is_one_line_and_leaves_whole_answers(tmp_path: Path) -> None:
    path = written(tmp_path, ANSWERS[:1])
    room = path.stat().st_size + 20
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def work() -> None:
        with Journal(tmp_path, 100) as journal:
            for draft in (1, 2):
                with pytest.raises(StorageError, match=r"00000\.journal` cannot be written: .+"):
                    journal.add(key(draft), ANSWERS[1])

    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        asyncio.run(work())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert found(tmp_path, 2) == [ANSWERS[0], None]


def test_a_journal_in_the_place_of_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("")
    with pytest.raises(StorageError, match="cannot be opened"):
        Journal(tmp_path / "journal", 100).find(key(0))
