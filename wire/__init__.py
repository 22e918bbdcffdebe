"""What two nodes must agree on: URLs, signatures, HTTP field semantics, errors. Pure, but for `wire.web`."""
