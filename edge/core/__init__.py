"""The cache's decisions (RFC 9110, 9111): commands go out, events come in. No Twisted, no clock, no disk."""
