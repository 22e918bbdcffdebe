"""The caching edge, its shield role and the balancer before it."""
