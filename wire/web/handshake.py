"""How a TLS connection may fail to come about. (Known to nodes that have no TLS at all, and do not load it.)"""

from __future__ import annotations

from twisted.internet.error import ConnectError


class TlsFailed(ConnectError):
    """The peer is there, and there is no TLS with it; nothing was said to it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(None, sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class NotTrusted(TlsFailed):
    """It did not show that it is who was asked for."""
