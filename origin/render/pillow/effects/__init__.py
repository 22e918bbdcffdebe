"""Effects on canvases, a family a module; `table` knows them by the names that plans use."""
