"""What a user says of the sandbox and of effects, and what a run says of them afterwards."""

import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from api_registry.execution import pool as pool_module
from data.shards import ShardManifest

Outcome = tuple[int, str, str]


@pytest.fixture
def listener() -> socket.socket:
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    return server


def write_apis(folder: Path, port: int = 9) -> None:
    dial = f"    import socket\n    socket.create_connection(('127.0.0.1', {port}), 2).close()\n"
    (folder / "mine.py").write_text(
        "from api_registry.decorator import api\n"
        "@api(effects={'network'}, examples=[{'n': 1}])\n"
        "def ask(n: int) -> int:\n"
        '    """Ask a server for a number."""\n' + dial + "    return n\n"
        "@api(examples=[{'n': 1}])\n"
        "def sneak(n: int) -> int:\n"
        '    """Ask a server without saying so."""\n' + dial + "    return n\n"
        "COUNT = [0]\n"
        "@api(examples=[{'n': 4}])\n"
        "def next_number(n: int) -> int:\n"
        '    """Count on from a number."""\n'
        "    COUNT[0] += 1\n"
        "    return n + COUNT[0]\n"
    )


def reached(server: socket.socket) -> int:
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_an_api_that_needs_the_network_is_left_out_unless_that_is_allowed(
    callforge: Callable[..., Outcome], tmp_path: Path, listener: socket.socket
) -> None:
    with listener:
        write_apis(tmp_path, listener.getsockname()[1])
        code, out, _ = callforge("apis", "check", "./mine.py")
        assert (code, reached(listener)) == (1, 0)
        assert "skipped: ask: it needs network: `--allow network`" in out
        assert "failed sneak: example 1: raised: PermissionError" in out
        code, out, _ = callforge("apis", "check", "./mine.py", "--allow", "network")
        assert reached(listener) == 1
        assert "ok     ask: 1 example" in out
        assert "failed sneak: example 1: raised: PermissionError" in out


def test_a_run_says_what_it_left_out_in_which_sandbox_and_whose_results_vary(
    callforge: Callable[..., Outcome], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_apis(tmp_path)
    with caplog.at_level(logging.WARNING, "callforge"):
        code, out, _ = callforge(
            "generate", "--apis", "./mine.py", "--samples", "20", "--name", "a",
            "--sandbox", "strict",
        )  # fmt: skip
    assert code == 0
    assert "ask: it needs network: allow that with `--allow network`" in out
    assert "results of `next_number` differ depending on other calls; marked" in caplog.text
    manifest = ShardManifest.model_validate_json(
        (tmp_path / "runs/a/shards/00000.json").read_text()
    )
    assert manifest.sandbox.endswith("landlock+seccomp")
    assert manifest.unsteady == {"next_number": "stateful"}
    card = (tmp_path / "runs/a/dataset/README.md").read_text()
    report = (tmp_path / "runs/a/report.html").read_text()
    assert "`next_number` (stateful)" in card
    assert "next_number (stateful)" in report
    assert all(manifest.sandbox in page for page in (card, report))


def test_apis_check_tells_the_sandbox_and_what_results_depend_on(
    callforge: Callable[..., Outcome], tmp_path: Path
) -> None:
    write_apis(tmp_path)
    _, out, _ = callforge("apis", "check", "./mine.py:next_number")
    assert "ok     next_number: 1 example; stateful: results depend on earlier calls" in out
    assert "calls run in the sandbox `" in out
    _, out, _ = callforge("apis", "check", "./mine.py:next_number", "--json")
    found = json.loads(out)
    assert (found["unsteady"], found["environments"]) == ({"next_number": "stateful"}, {})


def test_a_sandbox_that_is_too_weak_is_an_error_and_an_unknown_one_too(
    callforge: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_apis(tmp_path)
    monkeypatch.setattr(pool_module, "TRIED", ("seccomp",))
    code, _, err = callforge("generate", "--apis", "./mine.py", "--sandbox", "strict")
    assert code == 1
    assert 'error: `sandbox = "strict"` asks for `landlock+seccomp`, and this machine has' in err
    code, _, err = callforge("generate", "--apis", "./mine.py", "--sandbox", "firm")
    assert code == 2
    assert "setting `execution.sandbox`: Input should be 'auto', 'strict' or 'rlimits'" in err
    code, _, err = callforge("apis", "check", "./mine.py", "--sandbox", "firm")
    assert (code, "setting `sandbox`: Input should be" in err) == (2, True)


def test_an_environment_that_forgets_its_state_fails_the_check(
    callforge: Callable[..., Outcome], tmp_path: Path
) -> None:
    (tmp_path / "bag.py").write_text(
        "class Bag:\n"
        '    """A bag."""\n'
        "    def __init__(self) -> None:\n"
        "        self.things = {1}\n"
        "    def size(self) -> int:\n"
        '        """Count the things."""\n'
        "        return len(self.things)\n"
    )
    code, out, _ = callforge("apis", "check", "./bag.py:Bag")
    assert code == 1
    assert "failed environment Bag: its state cannot be taken" in out
