"""Origin pools that grow and shrink with the load: the decisions are pure, the driver carries them out."""
