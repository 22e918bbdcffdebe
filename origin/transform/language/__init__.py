"""What in a chain waits for its source: conditions, variables, arithmetic, client hints, names of chains.

The rest of `origin.transform` never sees them: settling a chain leaves params with plain values.
Sheet: transformations.md §4.5, §8, §9, §10.
"""
