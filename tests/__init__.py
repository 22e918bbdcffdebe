"""Tests mirror the packages; `contracts`, `scenarios` and `support` stand beside them."""
