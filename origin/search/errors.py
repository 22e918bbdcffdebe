"""What is wrong with an expression, and where."""

from wire.components import printable
from wire.errors import InvalidRequest


class QueryError(InvalidRequest):
    """400 `Query Error (at position N) …`; positions count characters from 0."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(printable(f"Query Error (at position {position}) {why}"))
        self.position = position
