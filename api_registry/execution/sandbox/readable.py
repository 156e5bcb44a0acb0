"""What a runner may read: what Python needs to import a module late, and nothing of anybody's own.

A call may import lazily, ask for a time zone or a locale, or start a thread; none of that needs a
home folder. Folders with the user's modules are readable except hidden entries, for that is where
projects keep secrets (`.env`, `.git`, `.ssh`).
"""

import mimetypes
import os
import site
import sys
import sysconfig
import tempfile
import zoneinfo
from collections.abc import Iterable, Iterator
from pathlib import Path

_SYSTEM = (
    "/lib /lib64 /lib32 /usr/lib /usr/lib64 /usr/lib32 /usr/local/lib /usr/local/lib64 /nix/store "
    "/etc/ld.so.cache /etc/ld.so.conf /etc/ld.so.conf.d "
    "/usr/share/locale /usr/share/zoneinfo /etc/localtime /etc/timezone /etc/mime.types "
    "/etc/os-release /dev/zero /dev/full /dev/random /dev/urandom "
    "/proc/cpuinfo /proc/meminfo /proc/filesystems /proc/sys/vm/overcommit_memory "
    "/proc/sys/kernel/random/uuid /sys/devices/system/cpu /sys/devices/system/node"
).split()
_NETWORK = (
    "/etc/hosts /etc/resolv.conf /etc/nsswitch.conf /etc/host.conf /etc/gai.conf /etc/services "
    "/etc/protocols /etc/ssl/certs /etc/ssl/openssl.cnf /etc/pki/tls/certs "
    "/etc/pki/ca-trust/extracted /usr/share/ca-certificates /run/systemd/resolve"
).split()
_OWN = "stat statm status maps limits cgroup cmdline fd".split()
_MODULE_SUFFIXES = {".py", ".pyc", ".so", ".pth", ".zip", ".egg"}

OWN = tuple(Path("/proc/self") / name for name in _OWN)
"""What a process may know about itself."""


def readable_paths(*, network: bool) -> list[Path]:
    """Files and folders that runners forked from this process may read."""
    paths = [Path(text) for text in (_SYSTEM + _NETWORK if network else _SYSTEM)]
    paths += [Path(text) for text in (*zoneinfo.TZPATH, *mimetypes.knownfiles)]
    installed = list(_installation())
    for folder in module_folders():
        if not any(folder.is_relative_to(known) for known in installed):
            paths += _modules(folder)
    return paths + installed


def module_folders() -> list[Path]:
    """Where modules are looked for: `sys.path`, and packages that a finder keeps elsewhere."""
    entries = [Path(entry) for entry in sys.path if entry]
    for name, module in list(sys.modules.items()):
        if "." not in name:
            packages = [Path(text) for text in _package_path(module)]
            entries += [package for package in packages if package.parent not in entries]
    return list(dict.fromkeys(entry for entry in entries if entry.exists()))


def _package_path(module: object) -> list[str]:
    try:
        return [text for text in getattr(module, "__path__", ()) if isinstance(text, str)]
    except Exception:  # a module may replace itself by any object
        return []


def _installation() -> Iterator[Path]:
    """Folders of this Python and of installed packages: no place for anybody's own files."""
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}:
        yield from (Path(prefix) / name for name in ("lib", "lib64", "share", "pyvenv.cfg"))
    for kind in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield Path(sysconfig.get_path(kind))
    yield from map(Path, site.getsitepackages())
    for entry in sys.path:
        if Path(entry).name in ("site-packages", "dist-packages"):
            yield Path(entry)


def _modules(folder: Path) -> Iterable[Path]:
    """What of a folder with the user's modules may be read."""
    if not folder.is_dir():
        return [folder]
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError:
        return []
    if not _holds_other_things(folder):
        return entries
    return [entry for entry in entries if _is_module(entry)]


def _holds_other_things(folder: Path) -> bool:
    """Whether this is a home folder, the folder for temporary files, or one above them."""
    folder = folder.resolve()
    places = (Path(tempfile.gettempdir()), Path("/tmp"), _home())  # noqa: S108 - not written to
    return any(place.resolve().is_relative_to(folder) for place in places)


def _home() -> Path:
    """The user's own home, whatever `HOME` says in the supervisor's environment."""
    try:
        import pwd

        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except (ImportError, KeyError):
        return Path.home()


def _is_module(entry: Path) -> bool:
    return entry.suffix in _MODULE_SUFFIXES or (entry / "__init__.py").exists()
