"""The distance between nodes, felt: connections that take the time their link would."""
