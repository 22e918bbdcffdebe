"""Whom an edge asks: origins and shields, over connections that are kept and watched."""
