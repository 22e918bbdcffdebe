"""HTTP/2 for sites: every stream is a request as any other (`wire.http2` knows the protocol itself)."""
