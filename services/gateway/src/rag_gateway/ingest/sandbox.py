"""What a process that reads strangers' files may do: compute on what it holds, and nothing else.

Limits are getrlimit(2)'s. The filter is seccomp(2)'s, which an unprivileged process may install for itself, in a
restricted pod too, and holds for all threads: no files (`open`; what is open stays), no network (`socket` but
AF_UNIX, `connect`, `bind`, io_uring), no new processes (`fork`, `clone` but threads, `execve`) or namespaces,
nothing of other processes (signals, `ptrace`, their files by `pidfd_getfd`), no process group left (`setpgid`,
`setsid`), no name of a file changed. Linux on x86-64 and arm64; elsewhere the limits alone hold.
"""

import ctypes
import errno
import os
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
SPLIT_CPU_S = 300
"""Added once a file is read: cutting ordinary prose takes some three seconds a megabyte."""
FILE_BYTES = 1 << 20
OPEN_FILES = 64

_PR_SET_NO_NEW_PRIVS, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC = 38, 1, 1
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
    seccomp: int
    socket: int
    clone: int
    clone3: int
    tgkill: int
    refused: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(
        *(0xC000003E, 317, 41, 56, 435, 234),
        (
            *(2, 57, 58, 59, 62, 76, 82, 83, 84, 85),  # open, (v)fork, execve, kill, truncate, rename … creat
            *(86, 87, 88, 90, 101, 109, 112, 133, 200),  # link … chmod, ptrace, setpgid, setsid, mknod, tkill
            *(42, 49, 129, 297),  # connect, bind, rt_sigqueueinfo, rt_tgsigqueueinfo
            *(257, 258, 259, 263, 264, 265, 266, 268),  # openat and its kin
            *(
                272,
                308,
                310,
                311,
                316,
                322,
                323,
            ),  # unshare, setns, process_vm_*, renameat2, execveat, userfaultfd
            *(424, 425, 434, 437, 438),  # pidfd_send_signal, io_uring_setup, pidfd_open, openat2, pidfd_getfd
        ),
    ),
    "aarch64": _Machine(
        *(0xC00000B7, 277, 198, 220, 435, 131),
        (
            *(33, 34, 35, 36, 37, 38, 45, 53, 56),  # mknodat … renameat, truncate, fchmodat, openat
            *(
                97,
                117,
                129,
                130,
                138,
                154,
                157,
            ),  # unshare, ptrace, kill, tkill, rt_sigqueueinfo, setpgid, setsid
            *(
                200,
                203,
                221,
                240,
                268,
                270,
                271,
            ),  # bind, connect, execve, rt_tgsigqueueinfo, setns, process_vm_*
            *(276, 281, 282, 424, 425, 434, 437, 438),  # renameat2, execveat, userfaultfd, then as above
        ),
    ),
}


def confine() -> str:
    """Takes rights away from this process for ever; what could not be taken, in words, else nothing."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + SPLIT_CPU_S))
    machine = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or machine is None:
        return "no seccomp filter on this system: a parser could open connections and processes"
    return _install(machine.seccomp, _program(machine))


def allow_more_time() -> None:
    """What the limit of processor time held back for splitting."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))


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
        # A process may end itself (abort does so by tgkill) and nobody else.
        _line(_JUMP_EQUAL, machine.tgkill, 0, 4),
        _line(_LOAD, _FIRST_ARGUMENT),
        _line(_JUMP_EQUAL, os.getpid(), 1, 0),
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


def _install(seccomp: int, program: bytes) -> str:
    """For all threads: a reader of PDFs has some already, from before its rights were taken."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    libc.syscall.argtypes = [ctypes.c_long] * 4
    libc.syscall.restype = ctypes.c_long
    filters = Program(len(program) // 8, program)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.syscall(
        seccomp, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, ctypes.addressof(filters)
    ):
        reason = errno.errorcode.get(ctypes.get_errno(), "unknown")
        return (
            f"the system refuses a seccomp filter ({reason}): a parser could open connections and processes"
        )
    return ""
