"""HTTP/2 (RFC 9113) on the serving side, without I/O: bytes in, events out; header compression is hpack's."""
