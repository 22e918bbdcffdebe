import os
import signal
import subprocess
import sys

from origin.render.confinement import resident_bytes


def confined(program: str, memory_bytes: int = 1 << 30) -> subprocess.CompletedProcess[str]:
    begin = (
        "import os, resource\n"
        "from origin.render.confinement import allow_processor, confine, resident_bytes\n"
        f"confine({memory_bytes}, {os.getpid()})\n"
    )
    command = [sys.executable, "-c", begin + program]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_memory_beyond_the_limit_is_an_exception_not_a_swap_storm() -> None:
    """And the process goes on."""
    program = (
        "try:\n    bytes(300 << 20)\nexcept MemoryError:\n    print('refused')\nprint(len(bytes(1 << 20)))"
    )
    assert confined(program, memory_bytes=200 << 20).stdout.split() == ["refused", "1048576"]


def test_the_processor_allowance_ends_what_the_node_cannot() -> None:
    """A loop in a codec, while the node itself is stuck."""
    result = confined("allow_processor(0)\nwhile True: pass")
    assert result.returncode == -signal.SIGXCPU


def test_each_job_gets_a_fresh_allowance() -> None:
    """The kernel's limit is for the life of the process, and a worker lives for a thousand jobs."""
    program = (
        "import time\n"
        "allow_processor(5)\n"
        "first = resource.getrlimit(resource.RLIMIT_CPU)[0]\n"
        "while time.process_time() < 1.2: pass\n"
        "allow_processor(5)\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[0] > first)"
    )
    assert confined(program).stdout == "True\n"


def test_there_are_no_core_dumps() -> None:
    """They would hold strangers' pictures, and fill the disk."""
    assert confined("print(resource.getrlimit(resource.RLIMIT_CORE))").stdout == "(0, 0)\n"


def test_resident_size_is_plausible() -> None:
    """Pages, not KiB, in /proc."""
    assert 5 << 20 < resident_bytes() < 8 << 30


def test_who_has_no_parent_any_more_ends_at_once() -> None:
    """It died before it could be followed: nobody would end this one."""
    program = "from origin.render.confinement import follow; follow(os.getpid()); print('went on')"
    result = confined(program)
    assert (result.returncode, result.stdout) == (1, "")
    assert confined("from origin.render.confinement import follow; follow(os.getppid()); print(1)").stdout
