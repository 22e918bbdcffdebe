"""The file of an edge that stands alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from edge.settings import Settings
from sim.cli import main
from sim.edgefile import as_plain, read
from wire.document import DocumentError

FOLDER = Path("/etc/pixeledge")
WHOLE = """
upstreams: ["http://127.0.0.1:3000", "https://backup.example:8443/base"]
listen: tcp:8080
name: fra
hot_bytes: 128MiB
disk_bytes: 20GiB
cache_dir: cache
limits: {first_byte_seconds: 1min, object_bytes: 4GiB}
checks: {path: /healthz, interval_seconds: 500ms}
concurrency: {requests: 64, waiting: 128}
retries: {statuses: [502, 503]}
tls: {listen: tcp:8443, certificates: [{cert: a.pem, key: a.key}]}
key: {query: except, parameters: ["utm_*"]}
negative_ttl: {"404": 10}
"""


def test_a_file_is_read_with_its_units_and_paths() -> None:
    settings = read(WHOLE, {}, folder=FOLDER)
    assert settings.listen == "127.0.0.1:8080"
    assert (settings.hot_bytes, settings.disk_bytes) == (128 << 20, 20 << 30)
    assert settings.cache_dir == "/etc/pixeledge/cache"
    assert settings.tls.listen == "127.0.0.1:8443"
    assert settings.tls.certificates[0].key == "/etc/pixeledge/a.key"
    assert (settings.limits.first_byte_seconds, settings.limits.object_bytes) == (60.0, 4 << 30)
    assert (settings.checks.path, settings.checks.interval_seconds) == ("/healthz", 0.5)
    assert settings.key.parameters == ("utm_*",)


def test_the_key_of_a_token_is_no_file() -> None:
    secret = "0f" * 16
    settings = read(f"{WHOLE}\nakamai: {{tokens: [{{lock: {{key: '{secret}'}}}}]}}", {}, folder=FOLDER)
    assert settings.akamai.tokens[0].lock.key == secret


@pytest.mark.parametrize("name", ["*.example.com", "http://example.com", "", "a b"])
def test_whose_urls_may_be_purged_is_said_by_whole_names(name: str) -> None:
    """A name that no host can have would silently match nothing."""
    with pytest.raises(DocumentError, match="hostnames"):
        read(f"{WHOLE}\nakamai: {{hostnames: ['{name}']}}", {}, folder=FOLDER)
    assert read(f"{WHOLE}\nakamai: {{hostnames: ['img.h.test:8080']}}", {}, folder=FOLDER)


def test_options_win_over_the_file() -> None:
    settings = read(WHOLE, {"name": "ber", "upstreams": ["http://other:1"]}, folder=FOLDER)
    assert (settings.name, settings.upstreams) == ("ber", ("http://other:1",))
    assert settings.hot_bytes == 128 << 20


def test_what_is_printed_is_read_again_as_the_same() -> None:
    """All settings, the defaults too."""
    settings = read(WHOLE, {}, folder=FOLDER)
    assert read(yaml.safe_dump(as_plain(settings)), {}, folder=Path("/elsewhere")) == settings


def test_every_mistake_is_told_at_once_with_its_line() -> None:
    text = 'upstreams: ["ftp://x"]\nlisten: tcp:99999\nhot_bytes: 64 bananas\nlimts: {}\nlimits: {idle_seconds: -1}\n'
    with pytest.raises(DocumentError) as wrong:
        read(text, {}, folder=FOLDER)
    told = {(problem.line, problem.where.partition("[")[0]) for problem in wrong.value.problems}
    assert {line for line, _ in told} == {1, 2, 3, 4, 5}
    assert {(1, "upstreams"), (2, "listen"), (3, "hot_bytes")} <= told


@pytest.mark.parametrize("text", ["- a list", "just text", "{", "\x00"])
def test_what_is_no_file_of_settings_is_told_so(text: str) -> None:
    with pytest.raises((DocumentError, ValueError)):
        read(text, {}, folder=FOLDER)


def test_without_upstream_and_listen_there_is_nothing_to_run() -> None:
    result = CliRunner().invoke(main, ["edge"])
    assert result.exit_code == 2
    assert "--upstream and --listen must be given" in result.output


def test_the_settings_are_printed_and_nothing_is_run(tmp_path: Path) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text(WHOLE)
    result = CliRunner().invoke(main, ["edge", "--config", str(path), "--hot", "1GiB", "--print"])
    assert result.exit_code == 0
    shown = yaml.safe_load(result.output)
    assert (shown["hot_bytes"], shown["cache_dir"]) == (1 << 30, str(tmp_path / "cache"))


def test_a_broken_file_is_refused_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text("upstreams: [nonsense]\nlisten: tcp:1\n")
    result = CliRunner().invoke(main, ["edge", "--config", str(path)])
    assert result.exit_code == 2
    assert f"{path}:1: upstreams" in result.output


def test_the_manual_names_every_setting() -> None:
    """docs/edge.md is what people go by, docs/edge-limits.md for what one viewer may cost, docs/vendors.md for whom an
    edge plays."""
    docs = Path(__file__).parents[2] / "docs"
    manual = (docs / "edge.md").read_text("utf-8")
    limits = (docs / "edge-limits.md").read_text("utf-8")
    vendors = (docs / "vendors.md").read_text("utf-8")

    def names(plain: dict[str, object], before: str = "") -> set[str]:
        found = set()
        for name, value in plain.items():
            if isinstance(value, dict) and value:
                found |= names(value, f"{before}{name}.")
            else:
                found.add(before + name)
        return found

    settings = as_plain(Settings(upstreams=("http://a:1",)))
    unnamed = {name for name in names(settings) if f"`{name}`" not in manual}
    played = {name for name in unnamed if name.startswith(("cloudfront.", "akamai."))}
    assert {
        name for name in played if not any(f"`{part}" in vendors for part in name.split(".")[1:])
    } == set()
    unnamed -= played
    assert {name for name in unnamed if f"`{name.removeprefix('limits.')}`" not in limits} == set()
