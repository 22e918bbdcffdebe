"""One suite an interface, run over every implementation."""
