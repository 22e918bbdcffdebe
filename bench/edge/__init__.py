"""An edge beside other caching servers: hits, hits from disk, misses, HTTP/2, memory."""
