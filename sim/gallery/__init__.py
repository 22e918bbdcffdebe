"""A page that shows what every param does, made by the very pipeline that serves."""
