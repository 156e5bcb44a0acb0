"""seccomp: this process may make the system calls that are listed, and no others.

The rules are compiled by libseccomp, which knows the numbers for every architecture. The one
Python binding on PyPI, `pyseccomp`, had its last release in January 2021 and has no types; the
five functions that are needed here are declared below instead.
"""

import ctypes
import errno
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api_registry.execution.sandbox.kernel import LINUX, Missing, prctl
from api_registry.execution.sandbox.syscalls import OWN_PID, Argument, Rule

_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NOT_EQUAL, _EQUAL, _MASKED_EQUAL = 1, 4, 7
_ATTR_BAD_ARCHITECTURE, _ATTR_OPTIMIZE = 2, 8
_BINARY_TREE = 2
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_JUMP_IF_EQUAL = 0x15
_INSTRUCTION = struct.Struct("=HBBI")
_LIBRARY = "libseccomp.so.2"
_NO_SUCH_CALL = -1


class _Comparison(ctypes.Structure):
    """`struct scmp_arg_cmp`."""

    _fields_ = [
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    ]


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


@dataclass(frozen=True)
class Seccomp:
    """A compiled filter, loaded by each runner."""

    program: bytes
    """BPF instructions of eight bytes, with `OWN_PID` for the runner's process id."""

    @classmethod
    def prepare(cls, allowed: list[Rule], refused: list[Rule]) -> "Seccomp":
        """Compile what is allowed and what is refused; everything else is "not implemented".

        Raises:
            Missing: There is no libseccomp, or it does not know this architecture.
        """
        library = _library()
        try:
            with _filter(library) as context:
                for name, arguments in allowed:
                    _add(library, context, _ALLOW, name, arguments)
                for name, arguments in refused:
                    _add(library, context, _ERRNO | errno.EPERM, name, arguments)
                with tempfile.TemporaryFile() as file:
                    _checked(library.seccomp_export_bpf(context, file.fileno()))
                    file.seek(0)
                    return cls(program=file.read())
        except OSError as error:
            raise Missing(f"seccomp is missing: {_LIBRARY} cannot compile: {error}") from None

    def enter(self, pid: int) -> None:
        """Restrict this process for good; needs `no_new_privs`. Raises `OSError`."""
        code = b"".join(
            _INSTRUCTION.pack(
                operation, yes, no, pid if (operation, word) == _PLACEHOLDER else word
            )
            for operation, yes, no, word in _INSTRUCTION.iter_unpack(self.program)
        )
        program = _Program(length=len(code) // _INSTRUCTION.size, filter=code)
        prctl(
            _PR_SET_SECCOMP,
            _MODE_FILTER,
            ctypes.cast(ctypes.byref(program), ctypes.c_void_p),
        )


_PLACEHOLDER = (_JUMP_IF_EQUAL, OWN_PID)


def _library() -> ctypes.CDLL:
    try:
        if not LINUX:
            raise OSError("this is not Linux")
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        raise Missing(
            f"seccomp is missing: {_LIBRARY} is not installed (Debian, Ubuntu: "
            "`apt-get install libseccomp2`, Fedora: `dnf install libseccomp`, Alpine: "
            "`apk add libseccomp`)"
        ) from None
    library.seccomp_init.argtypes = (ctypes.c_uint32,)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_release.argtypes = (ctypes.c_void_p,)
    library.seccomp_release.restype = None
    library.seccomp_attr_set.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32)
    library.seccomp_syscall_resolve_name.argtypes = (ctypes.c_char_p,)
    library.seccomp_rule_add_array.argtypes = (
        ctypes.c_void_p,
        ctypes.c_uint32,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.POINTER(_Comparison),
    )
    library.seccomp_export_bpf.argtypes = (ctypes.c_void_p, ctypes.c_int)
    return library


@contextmanager
def _filter(library: ctypes.CDLL) -> Iterator[int]:
    context = library.seccomp_init(_ERRNO | errno.ENOSYS)
    if not context:
        raise OSError("no filter for this architecture")
    try:
        # 32-bit calls on a 64-bit kernel are calls like any other that is not listed.
        _checked(library.seccomp_attr_set(context, _ATTR_BAD_ARCHITECTURE, _ERRNO | errno.ENOSYS))
        # From libseccomp 2.5 on; without it the filter is slower, not weaker.
        library.seccomp_attr_set(context, _ATTR_OPTIMIZE, _BINARY_TREE)
        yield context
    finally:
        library.seccomp_release(context)


def _add(
    library: ctypes.CDLL, context: int, action: int, name: str, arguments: tuple[Argument, ...]
) -> None:
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number <= _NO_SUCH_CALL:  # unknown to this library, or not on this architecture: denied
        return
    comparisons = (_Comparison * len(arguments))(*map(_comparison, arguments))
    _checked(library.seccomp_rule_add_array(context, action, number, len(arguments), comparisons))


def _comparison(argument: Argument) -> _Comparison:
    if argument.mask is not None:
        return _Comparison(argument.index, _MASKED_EQUAL, argument.mask, argument.value)
    return _Comparison(argument.index, _NOT_EQUAL if argument.other else _EQUAL, argument.value, 0)


def _checked(result: int) -> None:
    if result < 0:
        raise OSError(-result, f"libseccomp answers {errno.errorcode.get(-result, -result)}")
