"""sim.commands.running: what a command runs ends whole, by itself or by Ctrl-C."""

import subprocess
import sys
import textwrap

import pytest


def told_by(program: str) -> str:
    """What a program of its own says: the reactor of a process runs once."""
    begun = """
        import os, signal
        from twisted.internet.task import deferLater
        from sim.commands.running import hear_ctrl_c, run_once

        hear_ctrl_c()
    """
    ended = """
        try:
            print("returned", run_once(work))
        except BaseException as error:
            print("raised", type(error).__name__)
    """
    whole = "".join(map(textwrap.dedent, (begun, program, ended)))
    done = subprocess.run(
        [sys.executable, "-c", whole], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
    return done.stdout


def test_what_it_returns_is_returned() -> None:
    assert told_by("async def work(reactor): return 7") == "returned 7\n"


def test_what_it_raises_is_raised() -> None:
    assert told_by("async def work(reactor): raise ValueError") == "raised ValueError\n"


@pytest.mark.parametrize("sign", ["SIGINT", "SIGTERM"])
def test_broken_off_it_is_cancelled_and_ends_what_it_began(sign: str) -> None:
    """What takes its time to end, a world among it, is waited for."""
    program = f"""
        async def work(reactor):
            reactor.callLater(0, os.kill, os.getpid(), signal.{sign})
            try:
                await deferLater(reactor, 60)
            finally:
                await deferLater(reactor, 0.05)
                print("ended")
    """
    assert told_by(program) == "ended\nraised KeyboardInterrupt\n"


def test_broken_off_with_nothing_to_end_it_is_no_error() -> None:
    program = """
        async def work(reactor):
            reactor.callLater(0, os.kill, os.getpid(), signal.SIGINT)
            await deferLater(reactor, 60)
    """
    assert told_by(program) == "raised KeyboardInterrupt\n"


@pytest.mark.parametrize("sign", ["SIGINT", "SIGTERM"])
def test_it_can_be_broken_off_while_it_loads_what_it_needs(sign: str) -> None:
    program = f"""
        hear_ctrl_c(signal.SIGTERM)
        try:
            os.kill(os.getpid(), signal.{sign})
        except KeyboardInterrupt:
            print("heard")

        async def work(reactor):
            return 7
    """
    assert told_by(program) == "heard\nreturned 7\n"
