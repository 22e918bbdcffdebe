"""Step 14: when copies of remote files were last delivered."""

from sqlalchemy import Connection

STATEMENTS = (
    "CREATE TABLE copies (asset_id VARCHAR(32) NOT NULL PRIMARY KEY, delivered_at DOUBLE PRECISION NOT NULL)",
)


def upgrade(connection: Connection) -> None:
    """One table; a copy without a row counts from when it was loaded."""
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
