"""What can be wrong with certificates."""


class AuthorityError(Exception):
    """No certificate can be shown: a sentence for whoever started us."""
