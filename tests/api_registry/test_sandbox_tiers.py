"""A layer is claimed when its canaries have shown that it works, and never otherwise."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from api_registry.errors import ExecutionError
from api_registry.execution import pool as pool_module
from api_registry.execution.pool import RunnerPool
from api_registry.execution.sandbox import LAYERS, Sandbox, kernel, landlock, readable, seccomp
from api_registry.execution.sandbox.namespaces import command
from api_registry.execution.sandbox.proof import judge
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import ApiCall, CallResult

strong = pytest.mark.skipif(
    Sandbox.prepare(LAYERS).layers != LAYERS, reason="this machine has not every layer"
)


def namespaces_work() -> bool:
    try:
        within = command(())
    except kernel.Missing:
        return False
    return subprocess.run([*within, "true"], capture_output=True).returncode == 0


namespaced = pytest.mark.skipif(not namespaces_work(), reason="bubblewrap does not work here")

APIS = '''
import os, signal, socket
from pathlib import Path

def write(path: str) -> int:
    """Write a file."""
    return Path(path).write_text("written")

def read(path: str) -> str:
    """Read a file."""
    return Path(path).read_text()

def datagram(port: int) -> int:
    """Send over UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"x", ("127.0.0.1", port))

def fork() -> int:
    """Start a process."""
    if not (child := os.fork()):
        os._exit(0)
    return os.waitpid(child, 0)[1]

def silence() -> str:
    """Open the null device for writing."""
    with open(os.devnull, "w") as null:
        return str(null.write("x"))
'''


@pytest.fixture
def source(tmp_path: Path) -> str:
    folder = tmp_path / "apis"
    folder.mkdir()
    path = folder / "tiered_apis.py"
    path.write_text(APIS)
    return str(path)


def open_pool(source: str, **settings: Any) -> RunnerPool:
    config = ExecutionConfig.model_validate({"workers": 1} | settings)
    return RunnerPool(load_apis([source]).apis, config)


def outcomes(source: str, folder: Path, **settings: Any) -> tuple[str, dict[str, str]]:
    """The tier, and what came of each attempt."""
    (folder / "secret").write_text("secret")
    calls: dict[str, dict[str, Any]] = {
        "write": {"path": str(folder / "new")},
        "read": {"path": str(folder / "secret")},
        "datagram": {"port": 9},
        "fork": {},
        "silence": {},
    }

    async def run() -> tuple[str, list[CallResult]]:
        async with open_pool(source, **settings) as pool:
            results = await pool.run(
                [
                    ApiCall(id=name, api=name, arguments=arguments)
                    for name, arguments in calls.items()
                ]
            )
            return pool.tier, results

    tier, results = asyncio.run(run())
    assert (folder / "new").exists() == (results[0].outcome == "ok")
    return tier, {result.call: result.outcome for result in results}


@strong
@pytest.mark.parametrize(
    ("layers", "tier", "possible"),
    [
        pytest.param(
            ("bubblewrap", "landlock", "seccomp"),
            "bubblewrap+landlock+seccomp",
            {"silence"},
            marks=namespaced,
        ),
        pytest.param(
            ("bubblewrap",),
            "bubblewrap",
            {"read", "datagram", "fork", "silence"},
            marks=namespaced,
        ),
        (("landlock", "seccomp"), "landlock+seccomp", {"silence"}),
        (("seccomp",), "seccomp", {"read"}),
        (("landlock",), "landlock", {"datagram", "fork", "silence"}),
        ((), "rlimits", {"write", "read", "datagram", "fork", "silence"}),
    ],
)
def test_each_tier_stops_what_it_says_and_no_more(
    source: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    layers: tuple[str, ...],
    tier: str,
    possible: set[str],
) -> None:
    monkeypatch.setattr(pool_module, "TRIED", layers)
    found, results = outcomes(source, tmp_path)
    assert found == tier
    assert {name for name, outcome in results.items() if outcome == "ok"} == possible


@strong
def test_strict_refuses_what_is_weaker_and_says_what_to_do(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "TRIED", ("seccomp",))
    message = 'asks for `landlock.seccomp`, and this machine has `seccomp`.*set `sandbox = "auto"'
    with pytest.raises(ExecutionError, match=message):
        outcomes(source, tmp_path, sandbox="strict")


@strong
def test_auto_warns_where_it_is_weak_and_rlimits_was_asked_for(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "callforge"):
        outcomes(source, tmp_path)
        assert outcomes(source, tmp_path, sandbox="rlimits")[0] == "rlimits"
        assert not caplog.records
        (tmp_path / "new").unlink()
        monkeypatch.setattr(pool_module, "TRIED", ("landlock",))
        outcomes(source, tmp_path)
    [warning] = caplog.messages
    assert "calls run in the sandbox `landlock`, weaker than `landlock+seccomp`" in warning


@pytest.mark.parametrize(
    ("succeeded", "sprung", "tier", "weak"),
    [
        ([], set(), "landlock+seccomp", ()),
        (["read"], set(), "seccomp", ("landlock does not work here: a test process read a file",)),
        ([], {"tcp"}, "landlock", ("seccomp does not work here: a test process reached a TCP",)),
        (["write", "fork"], set(), "rlimits", ("landlock does not work", "seccomp does not work")),
    ],
)
def test_a_layer_that_let_something_through_is_not_claimed(
    succeeded: list[str], sprung: set[str], tier: str, weak: tuple[str, ...]
) -> None:
    trial = {"layers": [*LAYERS], "succeeded": succeeded, "missing": []}
    proof = judge(trial, sprung, ())
    assert proof.tier == tier
    assert len(proof.weak) == len(weak)
    assert all(told.startswith(start) for told, start in zip(proof.weak, weak, strict=True))


@pytest.mark.parametrize(
    ("bare", "sprung", "effects", "tier"),
    [
        (["read", "fork", "exec", "kill", "unix", "udp"], {"unix"}, (), True),
        (["process"], set(), (), False),
        ([], {"udp"}, (), False),
        ([], {"write"}, (), False),
        (["write"], {"write"}, ("files",), True),
        (["tcp"], {"tcp", "unix_abstract"}, ("network",), True),
        (["tcp"], {"tcp"}, ("files",), False),
        (None, set(), (), False),
    ],
)
def test_namespaces_are_claimed_by_what_stops_a_canary_that_has_nothing_else(
    bare: list[str] | None, sprung: set[str], effects: tuple[str, ...], tier: bool
) -> None:
    trial = {"layers": [*LAYERS], "succeeded": [], "missing": [], "bare": bare}
    expected = "bubblewrap+landlock+seccomp" if tier else "landlock+seccomp"
    assert judge(trial, (), effects, sprung).tier == expected


@strong
@pytest.mark.parametrize(
    "program",
    [
        "#!/bin/sh\nexit 1\n",  # namespaces are forbidden
        '#!/bin/sh\nfor last; do test "$past" && break; test "$last" = -- && past=1; done\n'
        'while test "$1" != --; do shift; done; shift; exec "$@"\n',  # and one that does nothing
        "not a program at all",
    ],
)
def test_without_namespaces_that_work_the_other_layers_stand_alone(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "bwrap").write_text(program)
    (folder / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    tier, results = outcomes(source, tmp_path, sandbox="strict")
    assert tier == "landlock+seccomp"
    assert [name for name, outcome in results.items() if outcome == "ok"] == ["silence"]


@namespaced
def test_an_api_that_cannot_be_imported_in_namespaces_is_run_without_them(tmp_path: Path) -> None:
    path = tmp_path / "writes_on_import.py"
    path.write_text(
        f"from pathlib import Path\nPath({str(tmp_path / 'cache')!r}).write_text('x')\n"
        'def f() -> int:\n    """F."""\n    return 1\n'
    )

    async def run() -> tuple[str, list[CallResult]]:
        async with open_pool(str(path)) as pool:
            return pool.tier, await pool.run([ApiCall(id="f", api="f", arguments={})])

    tier, [result] = asyncio.run(run())
    assert ("bubblewrap" in tier, result.value) == (False, 1)


def test_where_the_system_has_no_layer_calls_run_in_the_weakest_tier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As on macOS, whose Python also has no `waitid` and which refuses some limits."""
    path = tmp_path / "foreign_apis.py"
    path.write_text(
        "import os, resource, sys\n"
        "from api_registry.execution import forking\n"
        "from api_registry.execution.sandbox import kernel, landlock, seccomp\n"
        "if 'api_registry.execution.supervisor' in str(sys.orig_argv):\n"
        "    del os.waitid\n"
        "    for module in (forking, kernel, landlock, seccomp):\n"
        "        module.LINUX = False\n"
        "    import api_registry.execution.sandbox as sandbox\n"
        "    sandbox.LINUX = False\n"
        'def f() -> int:\n    """F."""\n    return 1\n'
    )
    monkeypatch.setattr(pool_module, "TRIED", LAYERS)

    async def run(**settings: Any) -> tuple[str, list[CallResult]]:
        async with open_pool(str(path), **settings) as pool:
            return pool.tier, await pool.run([ApiCall(id="f", api="f", arguments={})] * 3)

    with caplog.at_level(logging.WARNING, "callforge"):
        tier, results = asyncio.run(run())
    assert (tier, [result.value for result in results]) == ("rlimits", [1, 1, 1])
    [warning] = caplog.messages
    assert "run only APIs that you trust" in warning
    with pytest.raises(ExecutionError, match='`sandbox = "strict"` asks for'):
        asyncio.run(run(sandbox="strict"))


def test_a_layer_that_is_not_there_is_not_claimed_for_what_another_stops() -> None:
    trial = {"layers": ["seccomp"], "succeeded": ["read"], "missing": ["no Landlock"]}
    assert judge(trial, (), ()).tier == "seccomp"
    assert judge(trial, {"write_scratch"}, ()).tier == "rlimits"


def test_what_is_allowed_is_no_failure_of_a_layer() -> None:
    trial = {"layers": ["seccomp"], "succeeded": ["write", "tcp"], "missing": []}
    assert judge(trial, {"write", "tcp"}, ("files", "network")).tier == "seccomp"
    assert judge(trial, {"write", "tcp"}, ("files",)).tier == "rlimits"


def test_without_a_sandbox_a_canary_succeeds_with_everything(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import json, sys
        from api_registry.execution.runner import Limits
        from api_registry.execution.sandbox import Sandbox
        from api_registry.execution.sandbox.choice import try_out
        from api_registry.execution.sandbox.traps import Traps

        with Traps(".") as traps:
            succeeded = try_out(Sandbox(), traps.described(), Limits(5, 1024, 1000))
            print(json.dumps([sorted(succeeded), sorted(traps.sprung())]))
    """)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    succeeded, sprung = json.loads(done.stdout)
    listeners = ["tcp", "udp", "unix", "unix_abstract", "unix_datagram"]
    assert sprung == [*listeners, "write", "write_scratch"]
    everything = {*sprung, "read", "process", "fork", "exec", "kill"}
    # A process without root's capabilities cannot look into one that has them.
    assert set(succeeded) - {"environment"} == everything


def test_a_missing_layer_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "_LIBRARY", "libnowhere.so.9")
    with pytest.raises(kernel.Missing, match="apt-get install libseccomp2"):
        seccomp.Seccomp.prepare([], [])
    monkeypatch.setattr(landlock, "LINUX", False)
    with pytest.raises(kernel.Missing, match=r"Linux 5\.13 or newer"):
        landlock.kernel_version()
    sandbox = Sandbox.prepare(LAYERS)
    assert (sandbox.layers, len(sandbox.missing)) == ((), 2)


def test_of_a_home_folder_only_modules_may_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tools.py", ".env", "letters.txt"):
        (tmp_path / name).touch()
    for name in (".ssh", "photos", "package"):
        (tmp_path / name).mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])

    def names() -> set[str]:
        return {p.name for p in readable.readable_paths(network=False) if p.parent == tmp_path}

    assert names() == {"tools.py", "letters.txt", "photos", "package"}
    monkeypatch.setattr(readable, "_home", lambda: tmp_path)
    assert names() == {"tools.py", "package"}
