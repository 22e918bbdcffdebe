"""The balancer as an authoritative name server: it answers where a PoP is, each viewer with its own."""
