"""A whole world beside what it is measured by."""
