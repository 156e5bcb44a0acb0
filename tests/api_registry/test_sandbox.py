"""What a call cannot do in each sandbox, tried with real calls; effects are looked for outside."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api_registry.execution.pool import RunnerPool
from api_registry.execution.sandbox import LAYERS, Sandbox
from api_registry.execution.settings import ExecutionConfig
from api_registry.registry import load_apis
from api_registry.types import ApiCall, CallResult

HERE = Sandbox.prepare(LAYERS).layers
strong = pytest.mark.skipif(HERE != LAYERS, reason=f"this machine has only {HERE}")

APIS = '''
import asyncio, ctypes, os, signal, socket, subprocess, sys, tempfile, threading
from pathlib import Path
from api_registry.decorator import api

libc = ctypes.CDLL(None, use_errno=True)


def write(path: str) -> int:
    """Write a file."""
    return Path(path).write_text("written")

def read(path: str) -> str:
    """Read a file."""
    return Path(path).read_text(errors="replace")

def supervisor_environment() -> str:
    """Read the environment of the process that made this one."""
    return read(f"/proc/{os.getppid()}/environ")

def own_environment() -> dict:
    """Return the environment."""
    return dict(os.environ)

def chmod(path: str) -> None:
    """Change a file's rights."""
    Path(path).chmod(0o777)

def unlink(path: str) -> None:
    """Remove a file."""
    Path(path).unlink()

def temporary() -> str:
    """Make a temporary file."""
    with tempfile.TemporaryFile() as file:
        return file.name

def tcp(host: str, port: int) -> int:
    """Send over TCP."""
    with socket.create_connection((host, port), timeout=2) as connection:
        return connection.send(b"reached")

def udp(host: str, port: int) -> int:
    """Send over UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"reached", (host, port))

def unix(path: str) -> int:
    """Send to a unix socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        return connection.send(b"reached")

def unix_datagram(path: str) -> int:
    """Send to a unix socket without one of one's own."""
    first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return first.sendto(b"reached", path)

def listen() -> int:
    """Wait for connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]

def fork() -> int:
    """Start a process."""
    child = os.fork()
    if not child:
        os._exit(0)
    return child

def vfork() -> int:
    """Start a process behind Python's back."""
    child = libc.syscall(58)
    if child == 0:
        os._exit(0)
    if child < 0:
        raise OSError(ctypes.get_errno(), "vfork")
    return child

def clone3() -> int:
    """Start a process with the newest call."""
    arguments = (ctypes.c_uint64 * 8)(0, 0, 0, 0, signal.SIGCHLD)
    child = libc.syscall(435, arguments, ctypes.sizeof(arguments))
    if child == 0:
        os._exit(0)
    if child < 0:
        raise OSError(ctypes.get_errno(), "clone3")
    return child

def program() -> str:
    """Start a program."""
    return subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout.decode()

def becomes() -> None:
    """Become another program."""
    os.execv(sys.executable, [sys.executable, "-c", ""])

def kill(pid: int) -> None:
    """Kill a process."""
    os.kill(pid, signal.SIGKILL)

def kill_thread(pid: int) -> None:
    """Kill a process by its thread."""
    if libc.syscall(200, pid, signal.SIGKILL):
        raise OSError(ctypes.get_errno(), "tkill")

def pidfd(pid: int) -> None:
    """Kill a process by descriptor."""
    signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL)

def owned_signal(pid: int) -> None:
    """Have the kernel send a signal when a pipe can be read."""
    import fcntl
    reader, writer = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETOWN, pid)

def limit(pid: int) -> None:
    """Limit another process."""
    import resource
    resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))

def more_memory() -> None:
    """Lift one's own limit."""
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

def survive() -> None:
    """Outlive the parent."""
    if libc.prctl(1, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")

def traced(pid: int) -> None:
    """Attach to a process."""
    if libc.ptrace(16, pid, 0, 0):
        raise OSError(ctypes.get_errno(), "ptrace")

def namespace() -> None:
    """Make a user namespace."""
    if libc.unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "unshare")

def raw(number: int) -> int:
    """Call the kernel."""
    if (result := libc.syscall(number, 0, 0, 0, 0, 0)) < 0:
        raise OSError(ctypes.get_errno(), "syscall")
    return result

def memory_file() -> int:
    """Make a file in memory."""
    return os.memfd_create("x")

def abort() -> None:
    """Abort."""
    os.abort()

def own_signal() -> str:
    """Send oneself a signal and live."""
    caught = []
    signal.signal(signal.SIGUSR1, lambda *_: caught.append(1))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.raise_signal(signal.SIGUSR1)
    return f"caught {len(caught)}"

def threads() -> int:
    """Sum in threads."""
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(lambda n: n * n, range(100)))

def event_loop() -> str:
    """Use an event loop, its threads and its timers."""
    async def work() -> str:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(5):
            return await loop.run_in_executor(None, lambda: "done")
    return asyncio.run(work())

def numpy_product() -> float:
    """Multiply matrices on all cores, with a module that is imported now."""
    import numpy
    return float((numpy.ones((400, 400)) @ numpy.ones((400, 400)))[0, 0])

def late_imports() -> list:
    """Import what is not loaded yet."""
    import colorsys, decimal, fractions, json, sqlite3, statistics, unicodedata, xml.dom.minidom
    with sqlite3.connect(":memory:") as database:
        [[one]] = database.execute("select 1").fetchall()
    return [one, str(decimal.Decimal(1) / 8), colorsys.rgb_to_hsv(0, 0, 0)[0], statistics.mean([1])]

def third_party() -> str:
    """Import an installed package late."""
    import jinja2
    return jinja2.Template("{{ a }}").render(a=1)

def sibling() -> str:
    """Import a module from the same folder."""
    from late_package import value
    return value.TEXT + value.DATA

def zone(name: str) -> str:
    """Tell the offset of a zone."""
    import datetime, zoneinfo
    return str(datetime.datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo(name)).utcoffset())

def culture() -> list:
    """Use locale, mime types, a password-free user name and random numbers."""
    import getpass, locale, mimetypes, secrets, uuid
    return [mimetypes.guess_type("a.json")[0], locale.getlocale()[1], len(secrets.token_bytes(4)),
            uuid.uuid4().version]

def silent() -> str:
    """Print into nothing, the usual way."""
    import contextlib
    with open(os.devnull, "w") as null, contextlib.redirect_stdout(null):
        print("hello")
    return "quiet"

def self_knowledge() -> bool:
    """Ask about this process."""
    import platform, resource, shutil
    return bool(platform.platform() and resource.getrusage(0).ru_maxrss and os.cpu_count()
                and shutil.get_terminal_size() and Path("/proc/self/status").read_text())

@api(effects={"network"})
def online(host: str, port: int) -> int:
    """Send over TCP, declared."""
    return tcp(host, port)

@api(effects={"network"})
def online_write(path: str) -> int:
    """Write though only the network is declared."""
    return write(path)

@api(effects={"network"})
def online_unix(path: str) -> int:
    """Reach a unix socket though only the network is declared."""
    return unix(path)

@api(effects={"files"})
def save(path: str) -> int:
    """Write a file, declared."""
    return write(path)

@api(effects={"files"})
def save_online(host: str, port: int) -> int:
    """Send over TCP though only files are declared."""
    return tcp(host, port)
'''

SORTS = {
    "tcp": socket.SOCK_STREAM,
    "unix": socket.SOCK_STREAM,
    "udp": socket.SOCK_DGRAM,
    "unix_datagram": socket.SOCK_DGRAM,
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("apis")
    (folder / "late_package").mkdir()
    (folder / "late_package" / "__init__.py").touch()
    (folder / "late_package" / "text.txt").write_text("!")
    (folder / "late_package" / "value.py").write_text(
        "from pathlib import Path\nTEXT = 'late'\n"
        "DATA = Path(__file__).with_name('text.txt').read_text()\n"
    )
    (folder / ".env").write_text("TOKEN=hidden")
    path = folder / "tempting_apis.py"
    path.write_text(APIS)
    return str(path)


def run_calls(source: str, *calls: tuple[str, dict[str, Any]], **settings: Any) -> list[CallResult]:
    async def run() -> list[CallResult]:
        config = ExecutionConfig.model_validate({"timeout_s": 10, "workers": 1} | settings)
        async with RunnerPool(load_apis([source]).apis, config) as pool:
            return await pool.run(
                [ApiCall(id=str(n), api=name, arguments=a) for n, (name, a) in enumerate(calls)]
            )

    return asyncio.run(run())


def strictly(source: str, name: str, **arguments: Any) -> CallResult:
    [result] = run_calls(source, (name, arguments), sandbox="strict")
    return result


def denied(result: CallResult) -> bool:
    return result.outcome == "raised" and result.error_type in ("PermissionError", "OSError")


@pytest.fixture
def victim() -> Iterator[int]:
    """A process that lives until it is killed."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    os.close(reader)
    yield pid
    with contextlib.suppress(OSError):
        os.write(writer, b"x")
    os.close(writer)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@strong
@pytest.mark.parametrize("place", ["tmp_path", "scratch"])
def test_a_call_writes_no_file(source: str, tmp_path: Path, place: str) -> None:
    path = tmp_path / "new" if place == "tmp_path" else Path("new")
    assert denied(strictly(source, "write", path=str(path)))
    assert not path.exists()


@strong
def test_a_call_changes_and_removes_no_file(source: str, tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("mine")
    path.chmod(0o600)
    for name in ("chmod", "write", "unlink"):
        assert denied(strictly(source, name, path=str(path)))
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("mine", 0o600)


@strong
def test_a_call_reads_no_secret(source: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    paths = [
        tmp_path / "secret",
        Path(source).with_name(".env"),
        Path("/etc/shadow"),
        Path("/proc/1/environ"),
        Path(f"/proc/{os.getpid()}/environ"),
        Path("/proc/self/root") / str(tmp_path / "secret")[1:],
    ]
    results = run_calls(source, *[("read", {"path": str(path)}) for path in paths])
    assert {r.outcome for r in results} == {"raised"}
    # In namespaces of its own, a call does not even see that there are other processes.
    assert {r.error_type for r in results} <= {"PermissionError", "FileNotFoundError"}
    assert denied(strictly(source, "supervisor_environment"))


@contextlib.contextmanager
def listening(family: int, kind: int, address: Any) -> Iterator[socket.socket]:
    with socket.socket(family, kind) as listener:
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        listener.setblocking(False)
        yield listener


def reached(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(10)
    except BlockingIOError:
        return False
    return True


@strong
@pytest.mark.parametrize("kind", ["tcp", "udp"])
def test_a_call_reaches_nobody_over_the_network(source: str, kind: str) -> None:
    with listening(socket.AF_INET, SORTS[kind], ("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        assert denied(strictly(source, kind, host=host, port=port))
        assert not reached(listener)


@strong
@pytest.mark.parametrize("kind", ["unix", "unix_datagram"])
@pytest.mark.parametrize("abstract", [False, True])
def test_a_call_reaches_no_unix_socket(
    source: str, tmp_path: Path, kind: str, abstract: bool
) -> None:
    path = f"\0callforge-{os.getpid()}" if abstract else str(tmp_path / "s")
    with listening(socket.AF_UNIX, SORTS[kind], path) as listener:
        assert denied(strictly(source, kind, path=path))
        assert not reached(listener)


@strong
@pytest.mark.parametrize("name", ["fork", "program", "becomes", "listen", "memory_file"])
def test_a_call_starts_no_process_and_no_service(source: str, name: str) -> None:
    assert denied(strictly(source, name))


@strong
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
def test_the_kernel_is_not_asked_behind_pythons_back(source: str) -> None:
    numbers = {
        "io_uring_setup": 425, "bpf": 321, "perf_event_open": 298, "keyctl": 250,
        "userfaultfd": 323, "mount": 165, "setns": 308, "process_vm_readv": 310,
        "open_by_handle_at": 304, "reboot": 169, "init_module": 175, "shmget": 29, "mq_open": 240,
        "inotify_init1": 294, "sendmsg": 46, "fanotify_init": 300, "x32_getpid": 0x40000000 + 39,
        "a call that nobody has invented": 999,
    }  # fmt: skip
    calls = [("vfork", {}), ("clone3", {}), *[("raw", {"number": n}) for n in numbers.values()]]
    results = run_calls(source, *calls, sandbox="strict")
    errors = {
        name: result.error_type if denied(result) else result
        for name, result in zip(["vfork", "clone3", *numbers], results, strict=True)
    }
    assert set(errors.values()) <= {"PermissionError", "OSError"}, errors


@strong
@pytest.mark.parametrize(
    "name", ["kill", "kill_thread", "pidfd", "owned_signal", "limit", "traced"]
)
def test_a_call_touches_no_other_process(source: str, victim: int, name: str) -> None:
    assert denied(strictly(source, name, pid=victim))


@strong
@pytest.mark.parametrize("pid", [0, -1])
def test_a_call_signals_no_group_and_not_everybody(source: str, pid: int) -> None:
    # As root this would take the machine down; `strict` has shown that `kill` is denied.
    assert denied(strictly(source, "kill", pid=pid))


@strong
@pytest.mark.parametrize("name", ["survive", "namespace"])
def test_a_call_takes_no_part_of_its_isolation_away(source: str, name: str) -> None:
    assert denied(strictly(source, name))


def test_a_call_lifts_none_of_its_limits(source: str) -> None:
    [result] = run_calls(source, ("more_memory", {}), sandbox="rlimits")
    assert (result.outcome, result.error_type) == ("raised", "ValueError")


@strong
def test_a_temporary_file_is_a_plain_error(source: str) -> None:
    result = strictly(source, "temporary")
    assert (result.outcome, result.error_type) == ("raised", "PermissionError")


@strong
def test_abort_still_ends_the_process(source: str) -> None:
    result = strictly(source, "abort")
    assert (result.outcome, result.error) == ("crashed", "killed by SIGABRT")


@strong
def test_ordinary_work_goes_on_in_the_strictest_sandbox(source: str) -> None:
    expected = {
        "threads": 328350, "event_loop": "done", "numpy_product": 400.0,
        "late_imports": [1, "0.125", 0.0, 1], "third_party": "1", "sibling": "late!",
        "culture": ["application/json", "UTF-8", 4, 4], "silent": "quiet",
        "self_knowledge": True, "own_signal": "caught 2",
    }  # fmt: skip
    results = run_calls(source, *[(name, {}) for name in expected], sandbox="strict")
    assert [(r.outcome, r.value, r.error) for r in results] == [
        ("ok", value, None) for value in expected.values()
    ]


@strong
def test_time_zones_are_found_in_the_sandbox(source: str) -> None:
    zones = {"Europe/Berlin": "1:00:00", "Asia/Kathmandu": "5:45:00"}
    calls = [("zone", {"name": name}) for name in zones]
    assert [r.value for r in run_calls(source, *calls, sandbox="strict")] == [*zones.values()]


def test_the_weakest_tier_stops_none_of_these(source: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    loopback = ("127.0.0.1", 0)
    with (
        listening(socket.AF_INET, SORTS["tcp"], loopback) as tcp,
        listening(socket.AF_INET, SORTS["udp"], loopback) as udp,
        listening(socket.AF_UNIX, SORTS["unix"], str(tmp_path / "s")) as unix,
        listening(socket.AF_UNIX, SORTS["unix_datagram"], str(tmp_path / "d")) as datagram,
    ):
        listeners = (tcp, udp, unix, datagram)
        calls = [
            ("write", {"path": str(tmp_path / "new")}),
            ("read", {"path": str(tmp_path / "secret")}),
            *[(name, {}) for name in ("fork", "program", "listen", "temporary")],
            *[
                (name, dict(zip(("host", "port"), each.getsockname(), strict=True)))
                for name, each in (("tcp", tcp), ("udp", udp))
            ],
            ("unix", {"path": unix.getsockname()}),
            ("unix_datagram", {"path": datagram.getsockname()}),
        ]
        results = run_calls(source, *calls, sandbox="rlimits")
        assert {result.outcome for result in results} == {"ok"}
        assert all(reached(listener) for listener in listeners)
    assert (tmp_path / "new").read_text() == "written"
    assert results[1].value == "secret"


@strong
def test_declared_and_allowed_effects_and_no_others_are_possible(
    source: str, tmp_path: Path
) -> None:
    with (
        listening(socket.AF_INET, SORTS["tcp"], ("127.0.0.1", 0)) as tcp,
        listening(socket.AF_UNIX, SORTS["unix"], str(tmp_path / "s")) as unix,
    ):
        port = tcp.getsockname()[1]
        results = run_calls(
            source,
            ("save_online", {"host": "127.0.0.1", "port": port}),
            ("online_unix", {"path": str(tmp_path / "s")}),
            ("online_write", {"path": str(tmp_path / "a")}),
            ("write", {"path": str(tmp_path / "b")}),
            ("tcp", {"host": "127.0.0.1", "port": port}),
            sandbox="strict",
            allow_effects=["network", "files"],
        )
        assert all(map(denied, results))
        assert not reached(tcp)
        assert not reached(unix)
        assert not [*tmp_path.glob("[ab]")]
        results = run_calls(
            source,
            ("online", {"host": "localhost", "port": port}),
            ("threads", {}),
            ("save", {"path": str(tmp_path / "c")}),
            sandbox="strict",
            allow_effects=["network", "files"],
        )
        assert [(result.call, result.value) for result in results] == [
            ("0", 7),
            ("1", 328350),
            ("2", 7),
        ]
        assert reached(tcp)
    assert (tmp_path / "c").read_text() == "written"


@strong
def test_an_effect_that_is_not_allowed_is_denied_before_the_call(source: str) -> None:
    results = run_calls(
        source,
        ("online", {"host": "", "port": 1}),
        ("save", {"path": "x"}),
        allow_effects=["files"],
    )
    assert [result.outcome for result in results] == ["denied", "ok"]
