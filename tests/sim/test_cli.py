"""sim.cli: the commands, as a user meets them."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
import urllib3
from click.testing import CliRunner

from sim.cli import main
from sim.holding import hold
from sim.topology.read import AT_HOME
from tests.sim.topology.test_read import SMALL
from tests.support.servers import free_port
from tests.support.world import World, command, eventually

BROKEN = SMALL.replace("parent: shield", "parent: shild, hott: 1MiB")


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


def test_check_tells_every_problem_with_its_line_and_exits_with_2(tmp_path: Path) -> None:
    """In the form compilers use, so that editors can jump there."""
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    code, output = invoke("check", str(path))
    assert code == 2
    assert output.splitlines() == [
        f'{path}:6: pops.edge.hott: unknown key (did you mean "hot"?)',
        f'{path}:6: pops.edge.parent: there is no PoP "shild" (did you mean "shield"?)',
        "2 problems",
    ]


def test_check_is_content_with_the_shipped_file() -> None:
    assert invoke("check", str(AT_HOME)) == (
        0,
        f"{AT_HOME}: 3 regions, 2 origin instances, 5 PoPs: all is well\n",
    )


def test_check_tells_how_many_instances_there_may_be(tmp_path: Path) -> None:
    path = tmp_path / "topology.yaml"
    path.write_text(AT_HOME.read_text("utf-8").replace("instances: 2", "instances: {min: 1, max: 4}"))
    assert "3 regions, 1 to 4 origin instances, 5 PoPs: all is well" in invoke("check", str(path))[1]


def test_a_file_that_is_not_there_is_a_topology_problem(tmp_path: Path) -> None:
    assert invoke("up", str(tmp_path / "none.yaml")) == (
        2,
        f"{tmp_path / 'none.yaml'}: No such file or directory\n",
    )


def test_up_refuses_a_broken_file_before_it_starts_anything(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    code, _ = invoke("up", str(path), "--state", str(tmp_path / "var"))
    assert code == 2
    assert not (tmp_path / "var").exists()


def test_up_names_the_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        path = tmp_path / "topology.yaml"
        path.write_text(SMALL + f"balancer: {{listen: tcp:{port}}}\n")
        code, output = invoke("up", str(path), "--state", str(tmp_path / "var"))
    assert code == 2
    assert f"{path}:7: balancer.listen: 127.0.0.1:{port} cannot be used: Address already in use" in output


def test_every_command_explains_itself() -> None:
    for arguments in ([], ["up"], ["check"], ["env"], ["edge"]):
        code, output = invoke(*arguments, "--help")
        assert code == 0
        assert "Usage:" in output


def exported(output: str) -> dict[str, str]:
    """What a shell would have after `eval`."""
    words = [shlex.split(line) for line in output.splitlines()]
    assert all(word[0] == "export" and len(word) == 2 for word in words)
    return dict(word[1].split("=", 1) for word in words)


def test_the_official_sdk_understands_what_env_prints() -> None:
    """Both where it uploads to and the delivery URLs it builds are the balancer's."""
    code, output = invoke("env", str(AT_HOME))
    assert code == 0
    ask = (
        "import cloudinary, cloudinary.utils as u, json;"
        "c = cloudinary.config();"
        "print(json.dumps([c.cloud_name, c.api_key, c.api_secret, u.cloudinary_api_url('upload'),"
        " u.cloudinary_url('samples/fig-4mp', width=100, height=50, crop='fill', format='webp')[0]]))"
    )
    environment = {**os.environ, **exported(output)}
    answer = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, check=True, timeout=60
    )
    assert json.loads(answer.stdout) == [
        "demo",
        "123456789012345",
        "demo-secret-for-this-laptop-only",
        "http://127.0.0.1:8000/v1_1/demo/image/upload",
        "http://127.0.0.1:8000/demo/image/upload/c_fill,h_50,w_100/v1/samples/fig-4mp.webp",
    ]


def test_env_speaks_of_a_running_world_by_its_ready_file(tmp_path: Path) -> None:
    """With --ports auto the file does not know the ports."""
    ready = tmp_path / "ready.json"
    ready.write_text(
        json.dumps({"api_url": "http://127.0.0.1:5", "cloud_name": "c", "api_key": "k", "api_secret": "s"})
    )
    _, output = invoke("env", "--ready-file", str(ready))
    expected = "cloudinary://k:s@c?upload_prefix=http://127.0.0.1:5&cname=127.0.0.1:5"
    assert exported(output)["CLOUDINARY_URL"] == expected
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    assert invoke("env", str(path))[0] == 2


def upstream() -> tuple[socket.socket, str]:
    """The smallest HTTP server: one cacheable answer per connection."""
    server = socket.create_server(("127.0.0.1", 0))
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nCache-Control: max-age=60\r\nConnection: close\r\n\r\n"

    def serve() -> None:
        while True:
            try:
                viewer, _ = server.accept()
            except OSError:
                return
            with viewer:
                viewer.recv(65536)
                viewer.sendall(head + b"hello")

    Thread(target=serve, daemon=True).start()
    return server, f"http://127.0.0.1:{server.getsockname()[1]}"


def test_one_edge_alone_caches_any_http_server(tmp_path: Path) -> None:
    """MISS, then HIT; and after a restart with --cache still HIT; SIGTERM ends it with 0."""
    server, url = upstream()
    listen, control = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    arguments = [*command(), "edge", "--upstream", url, "--listen", listen, "--control", control]
    arguments += ["--cache", str(tmp_path / "cache"), "--hot", "8MiB", "--disk", "16MiB"]
    http = urllib3.PoolManager(timeout=10, retries=False)

    def is_ready() -> bool:
        try:
            return http.request("GET", f"http://{control}/readyz").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    seen: list[str] = []
    with server:
        for _ in range(2):
            with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                try:
                    eventually(is_ready, "the edge is ready", 30)
                    for _ in range(2):
                        answer = http.request("GET", f"http://{listen}/x")
                        assert answer.data == b"hello"
                        seen.append(answer.headers["X-Cache"])
                finally:
                    process.send_signal(signal.SIGTERM)
                assert process.wait(15) == 0
                assert process.stdout is not None
                assert f"listens on http://{listen}".encode() in process.stdout.read()
    assert seen == ["MISS", "HIT", "HIT", "HIT"]


def test_an_edge_that_cannot_listen_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        arguments = [*command(), "edge", "--upstream", "http://127.0.0.1:1", "--listen", where]
        result = subprocess.run(arguments, capture_output=True, timeout=60, check=False)
    assert result.returncode == 3
    assert result.stderr.decode().splitlines()[-1] == f"cannot start: {where}: Address already in use"


@pytest.mark.parametrize(
    "upstream", ["ftp://x", "notaurl", "http://", "http://127.0.0.1:99999", "http://127.0.0.1:1/?q=1"]
)
def test_an_edge_refuses_an_upstream_it_could_never_ask(upstream: str) -> None:
    code, output = invoke("edge", "--upstream", upstream, "--listen", "127.0.0.1:0")
    assert code == 2
    assert f"{upstream}: a base URL looks like" in output


def test_a_folder_serves_one_process_at_a_time(tmp_path: Path) -> None:
    """Two caches in one folder would eat each other's files; the second `up` is told before it asks for ports."""
    with hold(tmp_path, "edge.lock"):
        code, output = invoke(
            "edge", "--upstream", "http://127.0.0.1:1", "--listen", "127.0.0.1:0", "--cache", str(tmp_path)
        )
        assert (code, output) == (1, f"pixeledge: another pixeledge uses the folder {tmp_path}\n")
    with hold(tmp_path, "up.lock"):
        code, output = invoke("up", str(AT_HOME), "--state", str(tmp_path))
        assert (code, output) == (1, f"pixeledge: another pixeledge uses the folder {tmp_path}\n")
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    code, output = invoke("up", str(AT_HOME), "--state", str(blocked / "var"))
    assert code == 1
    assert "cannot be used" in output


def test_empty_keys_and_reserved_clouds_are_refused_beside_all_else(tmp_path: Path) -> None:
    path = tmp_path / "keys.yaml"
    shipped = AT_HOME.read_text("utf-8")
    start = shipped.index("  demo: {")
    line = shipped[start : shipped.index("\n", start)]
    path.write_text(shipped.replace(line, '  v1_1: {api_key: 5, api_secret: ""}'), "utf-8")
    code, output = invoke("check", str(path))
    assert code == 2
    for said in ("clouds.v1_1:", "clouds.v1_1.api_key:", "clouds.v1_1.api_secret:"):
        assert said in output


def test_up_tells_the_reason_of_a_node_that_cannot_start_and_ends_the_others(tmp_path: Path) -> None:
    """Here: something lies where the origin keeps its uploads."""
    (tmp_path / "var" / "nodes" / "main-1").mkdir(parents=True)
    (tmp_path / "var" / "nodes" / "main-1" / "spool").write_text("in the way")
    world = World(tmp_path / "var", ["--no-seed"], tmp_path / "small.yaml")
    world.topology.write_text(SMALL)
    arguments = [*command(), "up", str(world.topology), "--state", str(world.state), "--ports", "auto"]
    result = subprocess.run(arguments, capture_output=True, timeout=100, check=False)
    output = result.stdout.decode()
    assert result.returncode == 1, output
    assert "main-1 cannot start: " in output
    assert str(tmp_path / "var" / "log" / "main-1.log") in output


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_world_comes_up_heals_and_goes_down_without_a_trace(tmp_path: Path, sign: signal.Signals) -> None:
    """The ready file tells of new pids; a second world on the same state is refused; the end is exit 0."""
    world = World(tmp_path / "var", ["--no-seed"], tmp_path / "small.yaml")
    world.topology.write_text(SMALL)
    try:
        world.start()
        before = world.nodes()
        assert set(before) == {"edge", "shield", "main-1", "balancer"}
        assert set(world.ready) == {
            *("balancer", "edges", "shields", "origins", "api_url", "page_url"),
            *("cloud_name", "api_key", "api_secret", "secure_url", "authority"),
        }
        second = [*command(), "up", str(world.topology), "--state", str(world.state), "--ports", "auto"]
        refused = subprocess.run(second, capture_output=True, timeout=60, check=False)
        assert refused.returncode == 1
        assert b"another pixeledge uses the folder" in refused.stderr
        os.kill(before["edge"], signal.SIGKILL)
        eventually(lambda: world.nodes()["edge"] != before["edge"], "the ready file knows the new edge", 20)
        control = world.ready["edges"][0]["control_url"]

        def is_back() -> bool:
            try:
                return world.get(control, "/readyz").status == 200
            except urllib3.exceptions.HTTPError:
                return False

        eventually(is_back, "the edge is back", 20)
        assert world.stop(sign) == 0
    finally:
        world.kill()
    assert "killed by SIGKILL" in (world.state / "up.log").read_text()
