"""One target under the fuzzer, in a process that is its own: python -m tests.fuzz.one NAME LIBFUZZER-ARGUMENTS…"""

import resource
import sys

import atheris

with atheris.instrument_imports(include=["wire", "origin", "sim", "PIL"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Never returns: the fuzzer ends the process."""
    _, name, *arguments = sys.argv
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    atheris.Setup([name, *arguments], TARGETS[name].check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
