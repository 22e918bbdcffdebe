"""Step 2: what was seen in pictures."""

from sqlalchemy import Connection

TABLE = """
    CREATE TABLE sights (
        asset_id VARCHAR(32) NOT NULL PRIMARY KEY REFERENCES assets (asset_id),
        revision {text} NOT NULL,
        algorithm {text} NOT NULL,
        document TEXT NOT NULL
    )
"""
TEXTS = {"sqlite": "TEXT", "postgresql": 'TEXT COLLATE "C"'}


def upgrade(connection: Connection) -> None:
    """From step 1."""
    connection.exec_driver_sql(TABLE.format(text=TEXTS[connection.dialect.name]))
