"""What a worker may not do, set before it reads the first byte of an image."""

import contextlib
import ctypes
import math
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3


def follow(parent: int) -> None:
    """Die with the parent, however it dies; at once, if it has died before it could be followed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.write(2, b"process %d, whose work this was, is gone\n" % parent)
        os._exit(1)


def confine(memory_bytes: int, parent: int, children_bytes: int = 0) -> None:
    """Bound memory, forbid core dumps, die with the parent, and let the allocator keep what it has.

    `children_bytes`: what a provider run by this worker may be given, if that is more.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, max(memory_bytes, children_bytes)))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the node ends us in order
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        with contextlib.suppress(AttributeError):  # not glibc
            # Without these, glibc maps and unmaps every canvas anew: 15-35 % of the time on full decodes.
            libc.mallopt(M_MMAP_THRESHOLD, 1 << 30)
            libc.mallopt(M_TRIM_THRESHOLD, 256 << 20)
    follow(parent)


def allow_processor(seconds: float) -> None:
    """A fresh allowance of CPU for the next job: the backstop for a node that cannot kill us in time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowance = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (allowance, hard))


def resident_bytes() -> int:
    """How much memory this process holds now; at its peak, where the kernel does not tell."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
