"""`dig`, the name server's judge: what it is told over a real socket, in the order it prints it."""

from __future__ import annotations

import re
import shutil
import subprocess

from attrs import frozen

from tests.support.servers import absent


@frozen
class Dug:
    """What one run of dig printed."""

    text: str

    @property
    def status(self) -> str:
        """`NOERROR`, `NXDOMAIN` …; empty without any answer."""
        found = re.search(r"status: (\w+)", self.text)
        return found[1] if found else ""

    @property
    def flags(self) -> set[str]:
        """`qr`, `aa` …"""
        found = re.search(r"flags: ([^;]*);", self.text)
        return set(found[1].split()) if found else set()

    @property
    def subnet(self) -> str:
        """`127.2.0.0/16/16`: of the question, and the bits that decided."""
        found = re.search(r"CLIENT-SUBNET: (\S+)", self.text)
        return found[1] if found else ""

    def section(self, name: str) -> list[list[str]]:
        """The records of `ANSWER`, `AUTHORITY` or `ADDITIONAL`, each in words."""
        found = re.search(rf";; {name} SECTION:\n(.*?)\n\n", self.text, re.DOTALL)
        return [line.split() for line in found[1].splitlines()] if found else []

    @property
    def addresses(self) -> list[str]:
        """What its answer leads to."""
        return [record[-1] for record in self.section("ANSWER") if record[3] in ("A", "AAAA")]


def command(port: int, *words: str) -> list[str]:
    """Ask the name server on loopback, once and patiently."""
    program = shutil.which("dig")
    if program is None:
        absent("dig is not installed")
    return [program, "@127.0.0.1", "-p", str(port), "+tries=1", "+time=30", *words]


def dig(port: int, *words: str) -> Dug:
    """Ask, and wait for the answer; the server must be another process."""
    ran = subprocess.run(command(port, *words), capture_output=True, text=True, timeout=60, check=False)
    return Dug(ran.stdout)
