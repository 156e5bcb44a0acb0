"""One attack, one test: its own outcome is exact, its neighbours are unharmed, nothing is left.

Attacks that would take the machine down where they are possible (as root: a fork bomb, `kill(-1)`)
run only in a sandbox whose canaries have shown that they are denied. `docs/execution.md` lists what
each test stands for.
"""

import asyncio
import contextlib
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api_registry.execution import pool as pool_module
from api_registry.execution.pool import RunnerPool
from api_registry.execution.sandbox import LAYERS, Sandbox
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import ApiCall, CallResult
from tests.api_registry.processes import descendants

strong = pytest.mark.skipif(
    Sandbox.prepare(LAYERS).layers != LAYERS, reason="this machine has not every layer"
)

APIS = '''
import builtins, codecs, ctypes, faulthandler, os, re, signal, socket, struct, sys, threading, time
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
KEPT = []


def good(text: str) -> str:
    """Give a text back."""
    return "".join(sorted([text], key=len))

def swallows_exceptions() -> None:
    """Never end, whatever is raised."""
    while True:
        try:
            while True:
                time.sleep(0.01)
        except BaseException:
            pass

def loops_in_c() -> int:
    """Never end, inside one C function."""
    return sum(iter(int, 1))

def backtracks() -> bool:
    """Match for ever."""
    return bool(re.match(r"(a+)+$", "a" * 64 + "b"))

def eats_memory() -> int:
    """Take all memory, a little at a time."""
    while True:
        KEPT.append(bytearray(b"x" * (8 << 20)))

def segfault() -> str:
    """Read where nothing is."""
    return ctypes.string_at(0)

def c_stack() -> int:
    """Fill the C stack."""
    sys.setrecursionlimit(1 << 30)
    kind = ctypes.CFUNCTYPE(ctypes.c_int)
    again = []
    @kind
    def down():
        return again[0]()
    again.append(kind(ctypes.cast(down, ctypes.c_void_p).value))
    return down()

def leaves() -> None:
    """End the process without a word."""
    os._exit(0)

def exits() -> None:
    """End the program."""
    sys.exit(0)

def fork_bomb() -> None:
    """Double for ever."""
    while True:
        os.fork()

def kills_everybody() -> None:
    """Kill every process there is."""
    os.kill(-1, signal.SIGKILL)

def leaves_threads() -> int:
    """Leave threads that go on."""
    def work() -> None:
        while True:
            time.sleep(0.01)
    for _ in range(8):
        threading.Thread(target=work).start()
    return 8

def huge() -> str:
    """Return 200 MB."""
    return "x" * 200_000_000

def recurses(depth: int = 0) -> int:
    """Recurse for ever."""
    return recurses(depth + 1)

def circular() -> list:
    """Return a list that holds itself."""
    loop: list = []
    loop.append(loop)
    return loop

def deep() -> list:
    """Return a list a hundred thousand deep."""
    value: list = []
    for _ in range(100_000):
        value = [value]
    return value

def floods() -> int:
    """Print 64 MB, in every way there is."""
    for _ in range(64):
        print("x" * 500_000)
        sys.stderr.write("x" * 250_000)
        os.write(1, b"x" * 250_000)
    return 64

def writes(path: str) -> int:
    """Write a file."""
    return Path(path).write_text("written")

def links(target: str, path: str) -> None:
    """Make a link."""
    os.symlink(target, path)

def hard_links(target: str, path: str) -> None:
    """Make a hard link."""
    os.link(target, path)

def reads(path: str) -> str:
    """Read a file."""
    return Path(path).read_text(errors="replace")

def dials(family: int, kind: int, host: str, port: int = 0) -> int:
    """Reach somebody."""
    with socket.socket(family, kind) as client:
        client.settimeout(2)
        client.connect((host, port) if port else host)
        return client.send(b"reached")

def patches_builtins() -> int:
    """Replace what others call."""
    builtins.sorted = lambda *args, **kwargs: ["FORGED"]
    builtins.len = lambda value: 0
    return 1

def time_bomb(kind: str) -> str:
    """Set something off for later."""
    if kind == "watchdog":
        faulthandler.dump_traceback_later(0.02, exit=True, file=open(os.devnull, "w"))
    elif kind == "posix":
        timer = ctypes.c_int()
        if libc.syscall(222, 1, None, ctypes.byref(timer)):  # timer_create
            raise OSError(ctypes.get_errno(), "timer_create")
    else:
        signal.setitimer(getattr(signal, kind), 0.02)
    return kind

def waits() -> str:
    """Work for a moment."""
    end = time.perf_counter() + 0.06
    while time.perf_counter() < end:
        pass
    return "unharmed"

def attempts(number: int, *words: int) -> int:
    """Call the kernel by number."""
    result = libc.syscall(number, *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), "syscall")
    return result

def legacy_fork() -> int:
    """Call the kernel by the 32-bit gate: its `fork` is number 2."""
    import mmap
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\\xb8\\x02\\x00\\x00\\x00\\xcd\\x80\\x48\\x98\\xc3")
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    result = ctypes.CFUNCTYPE(ctypes.c_long)(address)()
    if result == 0:
        os._exit(0)
    return result

def passes_descriptor() -> int:
    """Send a descriptor."""
    first, second = socket.socketpair()
    return first.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 0))])

def open_descriptors() -> list:
    """List what is open."""
    return sorted(os.readlink(f"/proc/self/fd/{name}").partition(":")[0]
                  for name in os.listdir("/proc/self/fd") if name != str(os.dup(0)))[:4]

def lifts_limits() -> list:
    """Lift one's own limits."""
    import resource
    lifted = []
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
        try:
            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            lifted.append(kind)
        except (ValueError, OSError):
            pass
    return lifted

def neighbours_memory() -> list:
    """Look into the other runners of the same supervisor."""
    try:
        processes = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        processes = list(range(1, 64))
    seen = []
    for process in processes:
        for file in ("maps", "mem", "environ", "fd"):
            try:
                status = Path(f"/proc/{process}/status").read_text()
                sibling = f"PPid:\\t{os.getppid()}\\n" in status and process != os.getpid()
                if sibling and file == "fd":
                    seen.append((process, os.readlink(f"/proc/{process}/fd/3")))
                elif sibling:
                    with open(f"/proc/{process}/{file}", "rb"):
                        seen.append((process, file))
            except OSError:
                pass
    return seen

def process() -> int:
    """Return the process."""
    return os.getpid()

def forges_in_order() -> str:
    """Answer for oneself, then for those that wait behind."""
    frame = sys._getframe()
    while "number" not in frame.f_locals or "connection" not in frame.f_locals:
        frame = frame.f_back
    for number in range(frame.f_locals["number"], frame.f_locals["number"] + 6):
        os.write(3, struct.pack("!IQ", 33, number) + b'{"outcome":"ok","value":"FORGED"}')
    return "forged"

def forges_and_stays() -> str:
    """Answer for oneself, then wait for the next call and answer that as well."""
    frame = sys._getframe()
    while "number" not in frame.f_locals or "connection" not in frame.f_locals:
        frame = frame.f_back
    forged = b'{"outcome":"ok","value":"FORGED"}'
    os.write(3, struct.pack("!IQ", 33, frame.f_locals["number"]) + forged)
    time.sleep(0.1)
    taken = os.read(3, 12)
    os.write(3, struct.pack("!IQ", 33, struct.unpack("!IQ", taken)[1]) + forged)
    return "forged"

def forges_a_large_answer() -> str:
    """Answer with more than is taken, by hand."""
    frame = sys._getframe()
    while "number" not in frame.f_locals or "connection" not in frame.f_locals:
        frame = frame.f_back
    answer = b'{"outcome":"ok","value":' + b"[" * 4_000_000
    frame.f_locals["connection"].sendall(
        struct.pack("!IQ", len(answer), frame.f_locals["number"]) + answer)
    return "forged"

def raises_a_long_name() -> None:
    """Raise an error with a name of a megabyte and a text that is none."""
    raise type("E" * 1_000_000, (Exception,), {})("x" * 1_000_000 + chr(0xDC00))

def patches_the_runner() -> str:
    """Replace what writes the answers."""
    import api_registry.execution.runner as runner
    runner.outcome_of = lambda work, limit: b'{"outcome":"ok","value":"FORGED"}'
    return "patched"

def patches_its_neighbour() -> str:
    """Replace another function's code."""
    good.__code__ = (lambda text: "FORGED").__code__
    return "patched"
'''


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("apis") / "attacking_apis.py"
    path.write_text(APIS)
    return str(path)


def attack(
    source: str, name: str, _bystander: str = "good", _settings: Any = None, **arguments: Any
) -> CallResult:
    """Run a call between others, and look whether they were harmed and whether something stays."""
    config = ExecutionConfig.model_validate(
        {"timeout_s": 1, "workers": 1, "memory_mb": 1024} | (_settings or {})
    )
    given: dict[str, Any] = {"text": "unharmed"} if _bystander == "good" else {}

    async def run() -> list[CallResult]:
        before = descendants(os.getpid())
        async with RunnerPool(load_apis([source]).apis, config) as pool:
            denied = {"fork_bomb", "kills_everybody"}
            assert name not in denied or "seccomp" in pool.tier, "this would take the machine down"
            others = [ApiCall(id=str(n), api=_bystander, arguments=given) for n in range(10)]
            call = ApiCall(id="attack", api=name, arguments=arguments)
            results = await pool.run([*others[:5], call, *others[5:]])
            results += await pool.run(others)
        assert not descendants(os.getpid()) - before
        return results

    with nothing_written(Path(source).parent):
        results = asyncio.run(run())
    [result] = [result for result in results if result.call == "attack"]
    harmed = [r for r in results if r.call != "attack" and r.value != "unharmed"]
    assert not harmed, (result, harmed)
    return result


@contextlib.contextmanager
def nothing_written(*folders: Path) -> Iterator[None]:
    before = {folder: sorted(folder.iterdir()) for folder in folders}
    yield
    assert before == {folder: sorted(folder.iterdir()) for folder in folders}


def told(result: CallResult) -> tuple[Any, ...]:
    return result.outcome, result.error_type, result.error


TIMEOUT = ("timeout", None, "no result after 1 s")


def test_a_loop_that_swallows_exceptions_times_out(source: str) -> None:
    assert told(attack(source, "swallows_exceptions")) == TIMEOUT


def test_a_loop_in_c_times_out(source: str) -> None:
    assert told(attack(source, "loops_in_c")) == TIMEOUT


def test_a_pattern_that_backtracks_for_ever_times_out(source: str) -> None:
    assert told(attack(source, "backtracks")) == TIMEOUT


def test_a_memory_bomb_is_out_of_memory(source: str) -> None:
    result = attack(source, "eats_memory", _settings={"memory_mb": 256, "timeout_s": 20})
    assert (result.outcome, result.error_type) == ("out_of_memory", "MemoryError")


def test_a_segfault_has_crashed_with_its_signal(source: str) -> None:
    assert told(attack(source, "segfault")) == ("crashed", None, "killed by SIGSEGV")


def test_a_full_c_stack_has_crashed_with_its_signal(source: str) -> None:
    result = attack(source, "c_stack", _settings={"timeout_s": 10})
    assert told(result) == ("crashed", None, "killed by SIGSEGV")


def test_a_call_that_ends_its_process_has_crashed(source: str) -> None:
    expected = ("crashed", None, "the process ended with exit code 0")
    assert told(attack(source, "leaves")) == expected


def test_a_call_that_exits_has_raised(source: str) -> None:
    assert told(attack(source, "exits")) == ("raised", "SystemExit", "0")


@strong
def test_a_fork_bomb_is_refused_its_first_fork(source: str) -> None:
    result = attack(source, "fork_bomb", _settings={"sandbox": "strict"})
    assert told(result) == ("raised", "PermissionError", "[Errno 1] Operation not permitted")


@strong
def test_a_call_that_kills_everybody_kills_nobody(source: str) -> None:
    result = attack(source, "kills_everybody", _settings={"sandbox": "strict"})
    assert told(result) == ("raised", "PermissionError", "[Errno 1] Operation not permitted")


def test_threads_that_are_left_behind_end_with_their_process(source: str) -> None:
    result = attack(source, "leaves_threads")
    assert (result.outcome, result.value) == ("ok", 8)


def test_a_result_of_200_mb_is_too_large(source: str) -> None:
    result = attack(source, "huge", _settings={"timeout_s": 20})
    error = "200000002 bytes of JSON, at most 1000000 are taken"
    assert told(result) == ("output_too_large", None, error)


def test_deep_recursion_has_raised(source: str) -> None:
    expected = ("raised", "RecursionError", "maximum recursion depth exceeded")
    assert told(attack(source, "recurses")) == expected


def test_a_circular_result_is_not_serialisable(source: str) -> None:
    expected = ("not_serialisable", "ValueError", "Circular reference detected")
    assert told(attack(source, "circular")) == expected


def test_a_deep_result_is_not_serialisable(source: str) -> None:
    result = attack(source, "deep")
    assert (result.outcome, result.error_type) == ("not_serialisable", "RecursionError")


def test_a_flood_of_output_goes_nowhere(source: str) -> None:
    result = attack(source, "floods", _settings={"timeout_s": 20})
    assert (result.outcome, result.value) == ("ok", 64)


@strong
def test_files_are_not_written(source: str, tmp_path: Path) -> None:
    with nothing_written(tmp_path):
        for path in (str(tmp_path / "new"), "new", "/dev/shm/new", "/tmp/callforge-new"):
            result = attack(source, "writes", path=path)
            assert (result.outcome, result.error_type) in [
                ("raised", "PermissionError"), ("raised", "OSError"),
            ]  # fmt: skip
            assert not Path(path).exists()


@strong
@pytest.mark.parametrize("name", ["links", "hard_links"])
def test_links_are_not_made(source: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("secret")
    with nothing_written(tmp_path):
        result = attack(
            source, name, target=str(tmp_path / "secret"), path=str(Path(source).with_name("link"))
        )
    assert (result.outcome, result.error_type) == ("raised", "PermissionError")


@strong
@pytest.mark.parametrize(
    "path",
    ["/etc/shadow", "/proc/self/mem", "/proc/self/environ", "/proc/self/root/etc/shadow", ""],
)
def test_secrets_are_not_read(source: str, tmp_path: Path, path: str) -> None:
    (tmp_path / "token").write_text("secret")
    result = attack(source, "reads", path=path or str(tmp_path / "token"))
    assert (result.outcome, result.error_type) == ("raised", "PermissionError")


@strong
@pytest.mark.parametrize("process", ["first", "own", "parent"])
def test_the_environment_of_other_processes_is_not_read(source: str, process: str) -> None:
    pid = {"first": 1, "own": os.getpid(), "parent": os.getppid()}[process]
    result = attack(source, "reads", path=f"/proc/{pid}/environ")
    assert result.error_type in ("PermissionError", "FileNotFoundError")


@strong
@pytest.mark.parametrize("sort", ["tcp", "udp", "unix", "abstract"])
def test_nobody_is_reached(source: str, tmp_path: Path, sort: str) -> None:
    unix = {"unix": str(tmp_path / "s"), "abstract": f"\0callforge-{os.getpid()}"}
    kind = socket.SOCK_DGRAM if sort == "udp" else socket.SOCK_STREAM
    family = socket.AF_UNIX if sort in unix else socket.AF_INET
    with socket.socket(family, kind) as listener:
        listener.bind(unix.get(sort) or ("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            listener.listen()
        listener.setblocking(False)
        host, port = (unix[sort], 0) if sort in unix else listener.getsockname()
        result = attack(source, "dials", family=int(family), kind=int(kind), host=host, port=port)
        assert told(result)[:2] == ("raised", "PermissionError")
        with pytest.raises(BlockingIOError):
            listener.recv(1) if sort == "udp" else listener.accept()


def test_patched_builtins_are_put_back(source: str) -> None:
    result = attack(source, "patches_builtins")
    assert (result.outcome, result.value) == ("ok", 1)


@pytest.mark.parametrize("kind", ["ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF", "watchdog"])
def test_a_time_bomb_goes_off_for_nobody(source: str, kind: str) -> None:
    result = attack(source, "time_bomb", kind=kind, _bystander="waits")
    assert (result.outcome, result.value) == ("ok", kind)


@strong
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
def test_a_timer_of_the_kernel_is_refused(source: str) -> None:
    assert attack(source, "time_bomb", kind="posix").error_type == "PermissionError"


@strong
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
def test_neither_the_32_bit_gate_nor_x32_is_a_way_around(source: str) -> None:
    assert attack(source, "legacy_fork").value == -38
    assert attack(source, "attempts", number=0x40000000 + 57).error_type == "OSError"


@strong
def test_descriptors_are_neither_inherited_nor_handed_on(source: str) -> None:
    result = attack(source, "open_descriptors")
    assert result.value[:3] == ["/dev/null"] * 3
    assert attack(source, "passes_descriptor").error_type == "PermissionError"


def test_limits_are_not_lifted(source: str) -> None:
    assert attack(source, "lifts_limits").value == []


@pytest.mark.parametrize("tried", [("bubblewrap", *LAYERS), ("seccomp",), ()])
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_runners_do_not_look_into_each_other(
    source: str, monkeypatch: pytest.MonkeyPatch, tried: tuple[str, ...]
) -> None:
    monkeypatch.setattr(pool_module, "TRIED", tried)
    result = attack(source, "neighbours_memory", _settings={"workers": 3, "timeout_s": 20})
    assert result.value == []


def test_an_answer_larger_than_is_taken_never_reaches_the_parent(source: str) -> None:
    expected = ("crashed", None, "it wrote to the connection that results are sent on")
    assert told(attack(source, "forges_a_large_answer")) == expected


def test_errors_are_short_and_can_be_stored(source: str) -> None:
    result = attack(source, "raises_a_long_name")
    assert result.outcome == "raised"
    assert len(result.error_type or "") == len(result.error or "") == 500
    (result.model_dump_json() + "x").encode()


@pytest.mark.parametrize(
    "name",
    ["forges_in_order", "forges_and_stays", "patches_the_runner", "patches_its_neighbour"],
)
def test_with_fresh_processes_there_is_no_neighbour_to_forge_for(source: str, name: str) -> None:
    attack(source, name, _settings={"fresh": True})


def test_with_fresh_processes_each_call_has_its_own(source: str) -> None:
    async def run() -> list[CallResult]:
        config = ExecutionConfig(workers=2, fresh=True)
        async with RunnerPool(load_apis([source]).apis, config) as pool:
            return await pool.run([ApiCall(id="", api="process", arguments={})] * 20)

    assert len({result.value for result in asyncio.run(run())}) == 20


def test_the_parent_may_use_threads_of_its_own(source: str) -> None:
    """A pool that was started in a thread outlives it: nothing is bound to who started it."""
    found: list[CallResult] = []
    pool = RunnerPool(load_apis([source]).apis, ExecutionConfig(workers=1))
    loop = asyncio.new_event_loop()
    starter = threading.Thread(target=lambda: loop.run_until_complete(pool.__aenter__()))
    starter.start()
    starter.join()

    async def use() -> None:
        found.extend(await pool.run([ApiCall(id="", api="good", arguments={"text": "unharmed"})]))
        await pool.__aexit__(None, None, None)

    loop.run_until_complete(use())
    loop.close()
    assert found[0].value == "unharmed"
