"""Whom an edge plays: what viewers see and must show, in the manner of a vendor (cdn-vendors §0). All of it is pure."""
