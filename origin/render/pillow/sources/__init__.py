"""What an upload can be as a source of pixels: one module a family of formats, one table of them all."""
