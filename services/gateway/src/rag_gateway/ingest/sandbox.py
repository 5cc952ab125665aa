"""What a process that reads strangers' files may do: compute on what it holds, and nothing else.

Limits are getrlimit(2)'s. The filter is seccomp(2)'s, which an unprivileged process may install for itself, in a
restricted pod too: no files (`open`; what is open stays), no network (`socket` but AF_UNIX, io_uring), no new
processes (`fork`, `clone` but threads, `execve`), nothing of other processes (`kill`, `ptrace`), no process group
left (`setpgid`, `setsid`), no name of a file changed. Linux on x86-64 and arm64; elsewhere the limits alone hold.
"""

import ctypes
import errno
import platform
import resource
import struct
import sys
from dataclasses import dataclass

PROBE = "--sandbox"
"""In place of a media type: only say what is missing here."""
MEMORY_BYTES = 1 << 30
"""Of addresses; Kreuzberg's library takes half of that before it reads a byte, and holds 80 MB of it."""
CPU_S = 30
FILE_BYTES = 1 << 20
OPEN_FILES = 64

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_AF_UNIX, _CLONE_THREAD = 1, 0x10000
_X32 = 0x40000000
"""From here on x86-64 has each call once more, with other numbers."""


@dataclass(frozen=True)
class _Machine:
    """The kernel's numbers of system calls (linux/audit.h, asm/unistd.h)."""

    audit: int
    socket: int
    clone: int
    clone3: int
    refused: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        41,
        56,
        435,
        (
            *(2, 57, 58, 59, 62, 76, 82, 83, 84, 85),  # open, (v)fork, execve, kill, truncate, rename … creat
            *(86, 87, 88, 90, 101, 109, 112, 133, 200),  # link … chmod, ptrace, setpgid, setsid, mknod, tkill
            *(257, 258, 259, 263, 264, 265, 266, 268),  # openat and its kin
            *(
                310,
                311,
                316,
                322,
                424,
                425,
                437,
            ),  # process_vm_*, renameat2, execveat, pidfd, io_uring, openat2
        ),
    ),
    "aarch64": _Machine(
        0xC00000B7,
        198,
        220,
        435,
        (
            *(33, 34, 35, 36, 37, 38, 45, 53, 56),  # mknodat … renameat, truncate, fchmodat, openat
            *(117, 129, 130, 154, 157, 221, 270, 271, 276, 281, 424, 425, 437),
        ),
    ),
}


def confine() -> str:
    """Takes rights away from this process for ever; what could not be taken, in words, else nothing."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return "no seccomp filter on this system: a parser could open connections and processes"
    return _install(_program(machine))


def _program(machine: _Machine) -> bytes:
    """Classic BPF (linux/filter.h) over struct seccomp_data; jumps count the lines that are skipped."""
    refuse = _line(_RETURN, _REFUSE | errno.EPERM)
    lines = [_line(_LOAD, _ARCH), _line(_JUMP_EQUAL, machine.audit, 1, 0), refuse, _line(_LOAD, _NUMBER)]
    lines += [_line(_JUMP_AT_LEAST, _X32, 0, 1), refuse]
    for number in machine.refused:
        lines += [_line(_JUMP_EQUAL, number, 0, 1), refuse]
    # glibc falls back from clone3, whose arguments a filter cannot see, to clone.
    lines += [_line(_JUMP_EQUAL, machine.clone3, 0, 1), _line(_RETURN, _REFUSE | errno.ENOSYS)]
    lines += [
        _line(_JUMP_EQUAL, machine.socket, 0, 4),
        _line(_LOAD, _FIRST_ARGUMENT),
        _line(_JUMP_EQUAL, _AF_UNIX, 1, 0),
        refuse,
        _line(_RETURN, _ALLOW),
        _line(_JUMP_EQUAL, machine.clone, 0, 3),
        _line(_LOAD, _FIRST_ARGUMENT),
        _line(_JUMP_ANY_BIT, _CLONE_THREAD, 1, 0),
        refuse,
        _line(_RETURN, _ALLOW),
    ]
    return b"".join(lines)


def _line(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _install(program: bytes) -> str:
    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))

    libc = ctypes.CDLL(None, use_errno=True)
    prctl = libc.prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    filters = Program(len(program) // 8, program)
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(filters), 0, 0
    ):
        reason = errno.errorcode.get(ctypes.get_errno(), "unknown")
        return (
            f"the system refuses a seccomp filter ({reason}): a parser could open connections and processes"
        )
    return ""
