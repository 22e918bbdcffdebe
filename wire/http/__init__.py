"""HTTP field semantics, pure: multimaps, Cache-Control, dates, conditionals, ranges, negotiation,
Cache-Status."""
