"""A catalogue of any size, made by the database itself: what a million uploads would leave, in minutes."""

from sqlalchemy import Connection, Engine, select, text

from origin.catalogue.migrations import MIGRATIONS, migrate
from origin.catalogue.rows import asset_of
from origin.catalogue.schema import assets, search_terms
from origin.catalogue.search.index import described
from origin.search.entries import entries_of

CLOUD, SINCE = "demo", 1_700_000_000.0
HEX = {"sqlite": "printf('%032x', {0})", "postgresql": "lpad(to_hex({0}), 32, '0')"}
FACTS = '{"width": 864, "height": 576, "format": "jpg"}'

ASSETS = """
    INSERT INTO assets (id, asset_id, cloud, resource_type, type, public_id, revision, version, store_key, bytes, etag,
        format, width, height, facts, asset_folder, display_name, tags, context, details, created_at, uploaded_at,
        metadata, last_updated)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
    SELECT n, {hex}, 'demo', 'image', 'upload', 'photos/' || (n % 1000) || '/picture_' || n, {hex}, 1, 'k/' || n,
        1000 + n, '7242724272427242', 'jpg', 864, 576, '{facts}', 'folder ' || (n % 1000), 'picture_' || n,
        '["tag' || (n % 100) || '", "rare' || (n % 20000) || '"]', '{{"alt": "w' || (n % 1000) || '"}}', '{{}}',
        1700000000 + n * 1.0, 1700000000 + n * 1.0, '{{}}', '{{}}'
    FROM numbers
"""
ROWS = """
    INSERT INTO search_rows (asset, cloud, resource_type, type, public_id, filename, display_name, asset_folder, folder,
        format, etag, access_mode, created_at, uploaded_at, updated_at, bytes, width, height, pixels, aspect_ratio,
        pages)
    SELECT id, cloud, resource_type, type, public_id, 'picture_' || id, display_name, asset_folder, asset_folder,
        format, etag, 'public', created_at, uploaded_at, uploaded_at, bytes * 1.0, 864.0, 576.0, 497664.0, 1.5, 1.0
    FROM assets
"""
NUMBERS = (
    "INSERT INTO search_numbers (asset, field, value, cloud) SELECT id, 'transparent', 0.0, cloud FROM assets"
)
SPOKEN = (
    ("'picture'", "filename"),
    ("CAST(id AS TEXT)", "filename"),
    ("'picture'", "display_name"),
    ("CAST(id AS TEXT)", "display_name"),
    ("'photos'", "public_id"),
    ("CAST(id % 1000 AS TEXT)", "public_id"),
    ("'picture'", "public_id"),
    ("CAST(id AS TEXT)", "public_id"),
    ("'=tag' || (id % 100)", "tags"),
    ("'tag' || (id % 100)", "tags"),
    ("'=rare' || (id % 20000)", "tags"),
    ("'rare' || (id % 20000)", "tags"),
    ("'=w' || (id % 1000)", "context.alt"),
    ("'w' || (id % 1000)", "context.alt"),
)
LISTED = (
    ("'tag' || (id % 100)", "tag"),
    ("'rare' || (id % 20000)", "tag"),
    ("'\"alt\"'", "key"),
    ("'[\"alt\", \"w' || (id % 1000) || '\"]'", "pair"),
)
INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN"
    " (SELECT conname FROM pg_constraint)",
}
CHECKED = (1, 777, 5000)


def load(engine: Engine, count: int) -> None:
    """Fill an empty database. Indexes are made at the end, as whoever moves a catalogue would."""
    kind = engine.dialect.name
    with engine.begin() as connection:
        migrate(connection, MIGRATIONS)
        if kind == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # what refers is there
        indexes = connection.execute(text(INDEXES[kind])).all()
        for name, _ in indexes:
            connection.execute(text(f"DROP INDEX {name}"))
        connection.exec_driver_sql(
            _escaped(kind, ASSETS.format(count=count, hex=HEX[kind].format("n"), facts=FACTS))
        )
        for statement in (ROWS, NUMBERS, _terms(), _listed()):
            connection.exec_driver_sql(_escaped(kind, statement))
        for _, definition in indexes:
            connection.exec_driver_sql(definition)
        if kind == "postgresql":
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence('assets', 'id'), :last)"), {"last": count}
            )
            connection.execute(text("ANALYZE"))
        _check(connection)


def _escaped(kind: str, statement: str) -> str:
    return statement.replace("%", "%%") if kind == "postgresql" else statement


def _terms() -> str:
    terms = _chosen([term for term, _ in SPOKEN])
    names = _chosen([f"'{field}'" for _, field in SPOKEN])
    return (
        f"INSERT INTO search_terms (asset, term, field, cloud) SELECT id, {terms}, {names}, cloud"
        f" FROM assets CROSS JOIN {_numbered(len(SPOKEN))} WHERE true ON CONFLICT DO NOTHING"
    )


def _listed() -> str:
    terms, kinds = _chosen([term for term, _ in LISTED]), _chosen([f"'{kind}'" for _, kind in LISTED])
    return (
        "INSERT INTO asset_terms (asset_id, kind, term, cloud, resource_type, created_at, number)"
        f" SELECT asset_id, {kinds}, {terms}, cloud, resource_type, created_at, id"
        f" FROM assets CROSS JOIN {_numbered(len(LISTED))} WHERE true ON CONFLICT DO NOTHING"
    )


def _chosen(values: list[str]) -> str:
    cases = " ".join(f"WHEN {number} THEN {value}" for number, value in enumerate(values))
    return f"CASE k {cases} END"


def _numbered(count: int) -> str:
    return f"({' UNION ALL '.join(f'SELECT {number} AS k' for number in range(count))}) AS numbered"


def _check(connection: Connection) -> None:
    """The index is what uploads would have written."""
    for number in CHECKED:
        row = connection.execute(select(assets).where(assets.c.id == number)).one()
        own = select(search_terms.c.term, search_terms.c.field).where(search_terms.c.asset == number)
        made = {(term, field) for term, field in connection.execute(own)}
        assert made == entries_of(described(asset_of(row))).terms, number
