"""Akamai (cdn-vendors §10–§15)."""
