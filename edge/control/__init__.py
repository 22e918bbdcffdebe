"""What an operator may ask of a node: probes, figures, purges."""
