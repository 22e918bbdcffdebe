"""The verbs on assets: ingest, destroy, and telling the caches afterwards."""
