"""The families of params, one a module: `read` a component's values, `spelled` their canonical text."""
