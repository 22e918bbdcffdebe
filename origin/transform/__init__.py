"""The meaning of a chain: text in, resolved integers out. Pure: no Twisted, no PIL, no clock."""
