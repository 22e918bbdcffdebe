"""The sockets that a parent lends."""

import socket

import pytest
from twisted.internet.error import CannotListenError

from edge.workers.doors import Doors


def test_each_worker_has_a_socket_on_the_one_port_and_nobody_else_may() -> None:
    """The kernel would let any node of the same user share it (SO_REUSEPORT): we look first."""
    doors = Doors({"listen": "127.0.0.1:0"}, 3)
    port = doors.port("listen")
    assert {doors.of(seat)["listen"].getsockname()[1] for seat in range(3)} == {port}
    assert len({doors.control_url(seat) for seat in range(3)}) == 3
    with pytest.raises(CannotListenError):
        Doors({"listen": f"127.0.0.1:{port}"}, 2)
    doors.close()
    doors.close()
    Doors({"listen": f"127.0.0.1:{port}"}, 2).close()


def test_what_connects_while_nobody_accepts_waits() -> None:
    """A worker that is being started again refuses nobody."""
    doors = Doors({"listen": "127.0.0.1:0"}, 1)
    with socket.create_connection(("127.0.0.1", doors.port("listen")), timeout=5) as viewer:
        viewer.sendall(b"patience")
        doors.of(0)["listen"].setblocking(True)
        accepted, _ = doors.of(0)["listen"].accept()
        with accepted:
            assert accepted.recv(8) == b"patience"
    doors.close()
