"""The Upload API (upload-api.md), an action a module."""
