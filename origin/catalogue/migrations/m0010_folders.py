"""Step 10: folders, those that assets are in among them, and assets found by the one they are in."""

from uuid import uuid4

from sqlalchemy import Connection, text

from origin.catalogue.migrations.m0001_assets import WORDS

STATEMENTS = (
    """
    CREATE TABLE folders (
        id {serial},
        external_id VARCHAR(32) NOT NULL UNIQUE,
        cloud {text} NOT NULL,
        parent {text} NOT NULL,
        path {text} NOT NULL,
        created_at DOUBLE PRECISION NOT NULL,
        UNIQUE (cloud, path)
    )
    """,
    "CREATE INDEX folders_by_parent ON folders (cloud, parent, path)",
    "CREATE INDEX assets_by_folder ON assets (cloud, asset_folder, display_name)",
)
SHOWN = "SELECT cloud, asset_folder, min(created_at) AS since FROM assets GROUP BY cloud, asset_folder"
AT_ONCE = 1000


def upgrade(connection: Connection) -> None:
    """The table, and in it the folders that assets say they are in, with those around them."""
    words = WORDS[connection.dialect.name]
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement.format(**words))
    born: dict[tuple[str, str], float] = {}
    for cloud, path, since in connection.execute(text(SHOWN)).all():
        while path:
            born[cloud, path] = min(since, born.get((cloud, path), since))
            path = path.rpartition("/")[0]
    rows = [
        {
            "external_id": uuid4().hex,
            "cloud": cloud,
            "parent": path.rpartition("/")[0],
            "path": path,
            "created_at": since,
        }
        for (cloud, path), since in born.items()
    ]
    insert = text(
        "INSERT INTO folders (external_id, cloud, parent, path, created_at)"
        " VALUES (:external_id, :cloud, :parent, :path, :created_at)"
    )
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(insert, rows[start : start + AT_ONCE])
