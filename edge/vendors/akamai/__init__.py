"""Akamai's Fast Purge, CCU v3, behind EdgeGrid signatures (cdn-vendors §11, §12)."""
