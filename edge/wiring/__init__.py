"""The parts of an edge made from its settings, a factory for each; `edge/service.py` runs them."""
