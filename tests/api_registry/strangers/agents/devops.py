"""Ops."""
import re, ipaddress, uuid
from pathlib import Path, PurePosixPath
from typing import Any, Callable, Iterable, Iterator, Protocol, Sequence, TypeVar, ParamSpec, overload, Self
from functools import wraps, partial, lru_cache, singledispatch
import attrs

P = ParamSpec("P"); R = TypeVar("R"); N = TypeVar("N", int, float); B = TypeVar("B", bound=str)
_MISSING: Any = object()

def retry(times: int = 3) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Retry a function a few times."""
    def deco(fn):
        @wraps(fn)
        def inner(*a, **k):
            return fn(*a, **k)
        return inner
    return deco

@retry(2)
def ping(host: str, *, count: int = 4, timeout: float = 1.0) -> dict[str, Any]:
    """Ping a host and report round-trip times.

    :param host: Host name or IP address.
    :param count: Number of packets to send.
    :param timeout: Seconds to wait for each reply.
    :returns: statistics
    """
    return {"host": host, "sent": count}

def subnet_hosts(cidr: str, limit: int = 10) -> list[str]:
    """List the first usable host addresses of a subnet in CIDR notation."""
    return [str(h) for _, h in zip(range(limit), ipaddress.ip_network(cidr, strict=False).hosts())]

@attrs.define
class Probe:
    """A health probe."""
    url: str
    interval: int = attrs.field(default=30, validator=attrs.validators.ge(5))
    headers: dict[str, str] = attrs.Factory(dict)

def register_probe(probe: Probe) -> str:
    """Register a health probe."""
    return f"{probe.url}:{probe.interval}"

def rename_files(folder: Path, pattern: re.Pattern[str], replacement: str, dry_run: bool = True) -> list[str]:
    """Rename all files in a folder whose names match a pattern."""
    return [str(folder)]

def tail(log_file: str, n: int = 10, encoding: str = "utf-8") -> list[str]:
    """Print the last n lines of a log file."""
    return []

def scale_deployment(name: str, replicas: int, namespace: str = "default") -> None:
    """Scale a deployment to the given number of replicas."""

def restart_service(service_name: str, force: bool = False) -> str:
    """Restarts a service."""
    return service_name

def parse_semver(version: str) -> tuple[int, int, int]:
    """Parse a semantic version string into its components."""
    a, b, c = version.split("."); return int(a), int(b), int(c)

def bump_version(version: str, part: str = "patch") -> str:
    """Bump the major, minor or patch part of a version number.

    Args:
        version (str): The current version, e.g. "1.2.3".
        part (str): One of "major", "minor", "patch".
    """
    return version + part

def first(items: Sequence[N], default: N | None = _MISSING) -> N:
    """Return the first item of a sequence, or a default if it is empty."""
    return items[0]

def shout(text: B) -> B:
    """Make a text upper case."""
    return text.upper()

@overload
def double(x: int) -> int: ...
@overload
def double(x: str) -> str: ...
def double(x):
    """Double a number or a string."""
    return x * 2

@singledispatch
def describe(value: int) -> str:
    """Describe a value in words."""
    return str(value)

def map_items(fn: Callable[[int], int], items: list[int]) -> list[int]:
    """Apply a function to each item."""
    return [fn(i) for i in items]

def chunk(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Split items into chunks of the given size."""
    items = list(items)
    for i in range(0, len(items), size): yield items[i:i+size]

async def fetch_status(url: str, follow_redirects: bool = True, headers: dict[str, str] | None = None) -> int:
    """Fetch a URL and return its HTTP status code."""
    return 200

def decode_uuid(value: uuid.UUID) -> dict[str, int]:
    """Decode the version and variant of a UUID."""
    return {"version": value.version or 0}

@lru_cache(maxsize=None)
def fib(n: int) -> int:
    """Compute the n-th Fibonacci number."""
    a, b = 0, 1
    for _ in range(min(n, 1000)): a, b = b, a + b
    return a

class Inventory:
    """An inventory of servers."""
    def __init__(self) -> None: self.hosts: dict[str, str] = {}
    def add_host(self, hostname: str, ip: ipaddress.IPv4Address, tags: frozenset[str] = frozenset()) -> str:
        """Add a host to the inventory."""
        self.hosts[hostname] = str(ip); return hostname
    def merge(self, other: Self) -> Self:
        """Merge another inventory into this one."""
        return self

class Greeter:
    """Greets."""
    def __call__(self, name: str, polite: bool = False) -> str:
        """Greet a person by name."""
        return f"Hello {name}"

inventory = Inventory()
add_host = inventory.add_host
merge_inventory = inventory.merge
greet = Greeter()
cube = partial(pow, exp=3)
quick_ping = partial(ping, count=1)
