"""sim.process: a process that runs a service, as a process."""

import subprocess
import sys


def test_the_end_of_a_child_process_is_heard_on_uvloop_too() -> None:
    """uvloop keeps SIGCHLD to itself; an origin must hear of a renderer that closed its pipes, then died."""
    script = """
import sys
from sim.process import install_reactor
reactor = install_reactor()
from twisted.internet.protocol import ProcessProtocol
class Child(ProcessProtocol):
    def processEnded(self, reason):
        print("heard", flush=True)
        reactor.stop()
code = "import os, time; [os.close(n) for n in (0, 1, 2)]; time.sleep(0.3)"
reactor.callWhenRunning(reactor.spawnProcess, Child(), sys.executable, [sys.executable, "-c", code])
reactor.callLater(20, reactor.stop)
reactor.run()
"""
    assert subprocess.check_output([sys.executable, "-c", script], timeout=60) == b"heard\n"


STARTED = """
import gc, os, signal
from twisted.application.service import Service
import sim.node
from sim.process import run

def started():
    print(gc.get_freeze_count())
    os.kill(os.getpid(), signal.SIGTERM)

run(lambda reactor: Service(), started=started)
"""


def test_a_node_that_serves_never_walks_again_what_it_loaded() -> None:
    """A full collection of it holds everybody up for tens of milliseconds."""
    ran = subprocess.run(
        [sys.executable, "-c", STARTED], capture_output=True, text=True, check=True, timeout=120
    )
    assert int(ran.stdout) > 20_000
