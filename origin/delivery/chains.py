"""Whether a chain touches any byte: what needs no look at the asset to tell."""

from wire.components import split_chain

ATTACHMENT = "attachment"


def is_only_attachment(chain: str) -> bool:
    """Whether a raw chain leaves every byte alone: empty, or nothing but `fl_attachment`."""
    return all(
        param.key == "fl" and param.raw.partition(":")[0] == ATTACHMENT
        for component in split_chain(chain)
        for param in component.params
    )
