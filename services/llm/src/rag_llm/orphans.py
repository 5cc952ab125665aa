"""A plugin of vLLM's, which it loads in each of its processes: an engine ends when its server is killed.

vLLM's server ends its engines itself, but not when it is killed at once, by the kernel for want of memory or by
`kill -9`; an engine would then hold the model's memory for ever. Linux only (prctl(2), PR_SET_PDEATHSIG).
"""

import ctypes
import multiprocessing
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """In a process that another started by multiprocessing: the kernel kills it when that one is gone."""
    parent = multiprocessing.parent_process()
    if parent is None or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent.pid:  # gone before the line above
        os.kill(os.getpid(), signal.SIGKILL)
