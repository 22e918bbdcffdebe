"""Plans become pixels here: a pool of confined worker processes, and the only code that imports Pillow.

The node imports `origin.render.pool`; this package re-exports nothing, because the worker processes import
it too and must not pay for Twisted.
"""
