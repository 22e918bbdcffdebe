"""`pixeledge`, or `python -m sim`. The commands take their time to load: Ctrl-C is quiet meanwhile, too."""

from __future__ import annotations

import sys
from typing import NoReturn

INTERRUPTED = 130
"""What shells answer for a command that SIGINT ended."""


def main() -> NoReturn:
    """Run the command that the arguments name; its exit code."""
    try:
        import click

        from sim.cli import main as commands

        try:
            sys.exit(commands(prog_name="pixeledge", standalone_mode=False))
        except click.ClickException as wrong:
            wrong.show()
            sys.exit(wrong.exit_code)
        except click.Abort:  # how click tells of Ctrl-C
            sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
