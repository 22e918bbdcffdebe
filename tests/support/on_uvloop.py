"""A plugin (`pytest -p tests.support.on_uvloop`): the reactor of this run stands on a uvloop loop, as a node's does."""

import uvloop

uvloop.install()
