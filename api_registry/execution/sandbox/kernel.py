"""Calls to the Linux kernel that Python has no functions for."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CAPABILITY_VERSION_3 = 0x20080522

LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)


class Missing(Exception):
    """A part of the isolation that this machine does not have; the text says what to do."""


def syscall(number: int, *arguments: int | bytes | ctypes.c_void_p | None) -> int:
    """Call the kernel by number; integers are passed as unsigned 64-bit words.

    Raises `OSError` with the kernel's error number.
    """
    words = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    return _checked(int(_libc.syscall(ctypes.c_long(number), *words)))


def prctl(option: int, second: int, third: ctypes.c_void_p | int = 0) -> int:
    """Change something about this process; raises `OSError`."""
    word = ctypes.c_ulong(third) if isinstance(third, int) else third
    zero = ctypes.c_ulong(0)
    return _checked(int(_libc.prctl(option, ctypes.c_ulong(second), word, zero, zero)))


def give_up_privileges() -> None:
    """Drop every capability, for good: also root then is a user like any other.

    Other processes of this user, such as the next runner, can neither trace this one nor read its
    memory.
    """
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    prctl(_PR_SET_DUMPABLE, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; two words each
    _checked(int(_libc.capset(header, nothing)))


def die_with(parent: int) -> None:
    """Ask to be killed when the parent ends; end at once if it has ended already."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
