"""The world around the nodes: topology, supervision, shaped links, the command line and the page."""
