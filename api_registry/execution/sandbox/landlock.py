"""Landlock: this process may read what is listed, and nothing else of the file system.

Structures and numbers are those of `linux/landlock.h`, the same on every architecture. What a
newer kernel can deny is denied where the kernel knows it: rights are cut to its ABI version.
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from api_registry.execution.sandbox.kernel import LINUX, Missing, syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_QUIET = 1
"""From ABI 7 on: denials are a call's daily business, not something for the audit log."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = (1 << bit for bit in range(4))
_TRUNCATE = 1 << 14
_ALL_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Every right on files that exists from this ABI version on."""
_TCP_BIND_CONNECT = 0b11
"""From ABI 4 on."""
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
"""From ABI 6 on: only among processes in the same sandbox."""


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32)]


@dataclass(frozen=True)
class Landlock:
    """What runners may open: prepared once by the supervisor, entered by each runner."""

    version: int
    """ABI version of the kernel."""
    readable: tuple[tuple[int, int], ...]
    """Descriptor of a file or folder, and the rights on it and on what lies beneath."""
    own: tuple[Path, ...]
    """Opened by each runner itself: below `/proc/self`."""
    network: bool
    """Leave TCP alone."""

    @classmethod
    def prepare(
        cls,
        readable: Iterable[Path],
        listed: Iterable[Path],
        own: Iterable[Path],
        *,
        network: bool,
    ) -> "Landlock":
        """Open everything that runners may read.

        Args:
            readable: Files, and folders with all that is in them.
            listed: Folders whose names may be listed, down to the deepest.
            own: Paths below `/proc/self`.
            network: Whether calls may use TCP.

        Raises:
            Missing: The kernel has no Landlock, or it is switched off.
        """
        version = kernel_version()
        opened = [(descriptor, _READ_FILE | _READ_DIR) for descriptor in _open(readable)]
        opened += [(descriptor, _READ_DIR) for descriptor in _open(listed)]
        null = _open([Path(os.devnull)])
        opened += [(descriptor, _READ_FILE | _WRITE_FILE | _TRUNCATE) for descriptor in null]
        rights = _rights(version)
        return cls(
            version=version,
            readable=tuple((d, _fitting(d, access) & rights) for d, access in opened),
            own=tuple(own),
            network=network,
        )

    def enter(self) -> None:
        """Restrict this process for good; needs `no_new_privs`."""
        ruleset = _Ruleset(
            handled_access_fs=_rights(self.version),
            handled_access_net=_TCP_BIND_CONNECT if not self.network else 0,
            scoped=_ABSTRACT_SOCKETS_AND_SIGNALS,
        )
        size = 8 if self.version < 4 else 16 if self.version < 6 else 24
        rules = syscall(
            _CREATE_RULESET, ctypes.cast(ctypes.byref(ruleset), ctypes.c_void_p), size, 0
        )
        for descriptor, access in self.readable:
            _allow(rules, descriptor, access)
        for descriptor in _open(self.own):
            _allow(rules, descriptor, _fitting(descriptor, _READ_FILE | _READ_DIR))
            os.close(descriptor)
        syscall(_RESTRICT_SELF, rules, _QUIET if self.version >= 7 else 0)
        os.close(rules)


def kernel_version() -> int:
    """ABI version of this kernel's Landlock; raises `Missing` where there is none."""
    try:
        if not LINUX:
            raise OSError("this is not Linux")
        return syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    except OSError as error:
        raise Missing(
            f"Landlock is missing ({error.strerror or error}): it needs Linux 5.13 or newer with "
            "`landlock` among the security modules (kernel parameter `lsm=`)"
        ) from None


def _rights(version: int) -> int:
    return _ALL_RIGHTS[max(known for known in _ALL_RIGHTS if known <= version)]


def _allow(rules: int, descriptor: int, access: int) -> None:
    rule = _Beneath(allowed_access=access, parent_fd=descriptor)
    syscall(_ADD_RULE, rules, _PATH_BENEATH, _pointer(rule), 0)


def _fitting(descriptor: int, access: int) -> int:
    """Rights without those that only folders have, where this is none."""
    return access if stat.S_ISDIR(os.fstat(descriptor).st_mode) else access & ~_READ_DIR


def _open(paths: Iterable[Path]) -> list[int]:
    """Descriptors of what is there."""
    found = []
    for path in paths:
        try:
            found.append(os.open(path, os.O_PATH | os.O_CLOEXEC))
        except OSError:
            continue
    return found


def _pointer(structure: ctypes.Structure) -> ctypes.c_void_p:
    return ctypes.cast(ctypes.byref(structure), ctypes.c_void_p)
