"""Step 2: what was seen in pictures."""

from sqlalchemy import Connection

TABLE = """
    CREATE TABLE sights (
        asset_id VARCHAR(32) NOT NULL REFERENCES assets (asset_id),
        algorithm {text} NOT NULL,
        revision {text} NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (asset_id, algorithm)
    )
"""
TEXTS = {"sqlite": "TEXT", "postgresql": 'TEXT COLLATE "C"'}


def upgrade(connection: Connection) -> None:
    """From step 1."""
    connection.exec_driver_sql(TABLE.format(text=TEXTS[connection.dialect.name]))
