"""The tables as the code of today sees them. `migrations/` makes them; a test holds the two together."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

# Byte order everywhere, so that prefixes and cursors mean the same in both databases.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
SERIAL = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts by itself only in INTEGER PRIMARY KEY
JSON = Text()  # our own dumps: ASCII, so no NUL and no lone surrogate can reach a database

assets = Table(
    "assets",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("asset_id", String(32), nullable=False),
    Column("cloud", TEXT, nullable=False),
    Column("resource_type", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("public_id", TEXT, nullable=False),
    Column("revision", TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("store_key", TEXT, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("etag", TEXT, nullable=False),
    Column("format", TEXT),
    Column("width", Integer),
    Column("height", Integer),
    Column("facts", JSON),
    Column("original_filename", TEXT),
    Column("asset_folder", TEXT, nullable=False),
    Column("display_name", TEXT, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("context", JSON, nullable=False),
    Column("details", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("uploaded_at", Double, nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("last_updated", JSON, nullable=False),
)


def of_cloud(cloud: str) -> ColumnElement[bool]:
    """Assets of a cloud, where something else leads to them: no index of the clouds' is to be taken for this.

    SQLite, that knows nothing of numbers, would rather read all assets of a cloud than look up a hundred ids.
    """
    return assets.c.cloud.concat("") == cloud


asset_terms = Table(
    "asset_terms",
    metadata,
    Column("asset_id", String(32), primary_key=True),
    Column("kind", TEXT, primary_key=True),
    Column("term", TEXT, primary_key=True),
    Column("cloud", TEXT, nullable=False),
    Column("resource_type", TEXT, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("number", BigInteger, nullable=False),  # assets.id
)

backups = Table(
    "backups",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("cloud", TEXT, nullable=False),
    Column("asset_id", String(32), nullable=False),
    Column("version_id", String(32), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("store_key", TEXT, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("format", TEXT),
    Column("document", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
)

placeholders = Table(
    "placeholders",
    metadata,
    Column("asset_id", String(32), primary_key=True),
    Column("cloud", TEXT, nullable=False),
    Column("resource_type", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("public_id", TEXT, nullable=False),
    Column("document", JSON, nullable=False),
    Column("deleted_at", Double, nullable=False),
)

relations = Table(
    "relations",
    metadata,
    Column("asset_id", String(32), primary_key=True),
    Column("related_id", String(32), primary_key=True),
    Column("created_at", Double, nullable=False),
)

folders = Table(
    "folders",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("external_id", String(32), nullable=False),
    Column("cloud", TEXT, nullable=False),
    Column("parent", TEXT, nullable=False),
    Column("path", TEXT, nullable=False),
    Column("created_at", Double, nullable=False),
)

search_rows = Table(
    "search_rows",
    metadata,
    Column("asset", BigInteger, primary_key=True),  # assets.id
    Column("cloud", TEXT, nullable=False),
    Column("resource_type", TEXT, nullable=False),
    Column("type", TEXT, nullable=False),
    Column("public_id", TEXT, nullable=False),
    Column("filename", TEXT, nullable=False),
    Column("display_name", TEXT, nullable=False),
    Column("asset_folder", TEXT, nullable=False),
    Column("folder", TEXT, nullable=False),
    Column("format", TEXT),
    Column("etag", TEXT, nullable=False),
    Column("access_mode", TEXT, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("uploaded_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("bytes", Double, nullable=False),
    Column("width", Double),
    Column("height", Double),
    Column("pixels", Double),
    Column("aspect_ratio", Double),
    Column("duration", Double),
    Column("pages", Double),
)

search_terms = Table(
    "search_terms",
    metadata,
    Column("asset", BigInteger, primary_key=True),
    Column("term", TEXT, primary_key=True),
    Column("field", TEXT, primary_key=True),
    Column("cloud", TEXT, nullable=False),
)

search_numbers = Table(
    "search_numbers",
    metadata,
    Column("asset", BigInteger, primary_key=True),
    Column("field", TEXT, primary_key=True),
    Column("value", Double, primary_key=True),
    Column("cloud", TEXT, nullable=False),
)

derived = Table(
    "derived",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("derived_id", String(32), nullable=False),
    Column("derived_key", TEXT, nullable=False),
    Column("asset_id", String(32), nullable=False),
    Column("revision", TEXT, nullable=False),
    Column("transformation", TEXT, nullable=False),
    Column("format", TEXT, nullable=False),
    Column("store_key", TEXT, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("etag", TEXT, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("details", JSON, nullable=False),
    Column("created_at", Double, nullable=False),
)

sights = Table(
    "sights",
    metadata,
    Column("asset_id", String(32), primary_key=True),
    Column("algorithm", TEXT, primary_key=True),
    Column("revision", TEXT, nullable=False),
    Column("document", JSON, nullable=False),
)

copies = Table(
    "copies",
    metadata,
    Column("asset_id", String(32), primary_key=True),
    Column("delivered_at", Double, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("lane", TEXT, nullable=False),
)

triggers = Table(
    "triggers",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("trigger_id", String(32), nullable=False),
    Column("cloud", TEXT, nullable=False),
    Column("event_type", TEXT, nullable=False),
    Column("uri_type", TEXT, nullable=False),
    Column("uri", TEXT, nullable=False),
    Column("receiver", TEXT, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
)

buffered = Table(
    "buffered",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("cloud", TEXT, nullable=False),
    Column("channel", TEXT, nullable=False),
    Column("batch_id", TEXT, nullable=False),
    Column("api_key", TEXT, nullable=False),
    Column("body", JSON, nullable=False),
    Column("receipt", TEXT, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("visible_at", Double, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("upload_key", String(64), primary_key=True),
    Column("cloud", TEXT, nullable=False),
    Column("revision", String(32), nullable=False),
    Column("public_id", TEXT),
    Column("answer", JSON),
    Column("touched_at", Double, nullable=False),
)

parts = Table(
    "parts",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("upload_key", String(64), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("stop", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("is_numbered", Boolean, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("etag", TEXT, nullable=False),
    Column("store_key", TEXT, nullable=False),
)

upload_presets = Table(
    "upload_presets",
    metadata,
    Column("id", SERIAL, primary_key=True),
    Column("cloud", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("external_id", String(36), nullable=False),
    Column("unsigned", Boolean, nullable=False),
    Column("settings", JSON, nullable=False),
)

metadata_schemas = Table(
    "metadata_schemas",
    metadata,
    Column("cloud", TEXT, primary_key=True),
    Column("edition", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
)

streaming_profiles = Table(
    "streaming_profiles",
    metadata,
    Column("cloud", TEXT, primary_key=True),
    Column("name", TEXT, primary_key=True),
    Column("external_id", String(36), nullable=False),
    Column("display_name", TEXT, nullable=False),
    Column("representations", JSON, nullable=False),
)

transformations = Table(
    "transformations",
    metadata,
    Column("cloud", TEXT, primary_key=True),
    Column("name", TEXT, primary_key=True),
    Column("is_named", Integer, primary_key=True),
    Column("chain", Text, nullable=False),
    Column("allowed", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
)

mappings = Table(
    "mappings",
    metadata,
    Column("cloud", TEXT, primary_key=True),
    Column("folder", TEXT, primary_key=True),
    Column("template", Text, nullable=False),
    Column("external_id", String(32), nullable=False),
    Column("upload_preset", Text),
    Column("created_at", Double, nullable=False),
)

tallies = Table(
    "tallies",
    metadata,
    Column("cloud", TEXT, primary_key=True),
    Column("kind", TEXT, primary_key=True),
    Column("period", BigInteger, primary_key=True),
    Column("amount", BigInteger, nullable=False),
)
