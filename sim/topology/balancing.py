"""What `topology.yaml` may say of the front door: which PoP answers a viewer, and how they come to it."""

from __future__ import annotations

from attrs import Factory, field, frozen
from attrs.validators import and_, ge, le

from edge.balancer.policies import Route
from edge.balancer.settings import STALL_SECONDS, Mode
from sim.topology.quantities import Address, DnsAddress, Duration, Share


@frozen
class Dns:
    """The balancer as a name server (mode: dns), which leads viewers to PoPs by their addresses."""

    zone: str
    listen: DnsAddress | None = None
    names: tuple[str, ...] = ()  # below the zone, at which viewers are led to a PoP too
    ttl: Duration = Factory(lambda: Duration(5.0))
    answers: int = field(default=1, validator=and_(ge(1), le(8)))  # PoPs in one answer


@frozen
class Health:
    """How PoPs and origins are watched, who is ejected, and how fast they return."""

    interval: Duration = Factory(lambda: Duration(0.5))
    timeout: Duration = Factory(lambda: Duration(1.0))
    fall: int = field(default=2, validator=ge(1))  # checks in a row
    rise: int = field(default=2, validator=ge(1))
    slow_return: Duration = Factory(lambda: Duration(10.0))  # until a PoP has all its viewers back
    outlier_errors: int = field(default=0, validator=ge(0))  # 5xx in a row that eject; 0: none do


@frozen
class Queue:
    """How much one PoP or origin is asked at once, and the line before it."""

    requests: int = field(default=512, validator=ge(1))
    waiting: int = field(default=1024, validator=ge(0))
    patience: Duration = Factory(lambda: Duration(5.0))


@frozen
class Viewers:
    """What the connections of viewers to the front door are held to."""

    idle: Duration = Factory(lambda: Duration(60.0))  # between questions
    head: Duration = Factory(lambda: Duration(20.0))  # from a question's first byte to the last of its head
    stall: Duration = Factory(lambda: Duration(STALL_SECONDS))  # in which a viewer takes nothing that waits
    request: Duration = Factory(lambda: Duration(3600.0))  # from a question to the last byte of its answer
    connections: int = field(default=0, validator=ge(0))  # at one time; 0: any number
    connections_per_address: int = field(default=0, validator=ge(0))


@frozen
class Balancer:
    """The front door: which PoP answers a viewer, and how they come to it."""

    listen: Address | None = None
    control: Address | None = None
    tls: Address | None = None
    host: str = ""  # the machine it stands on, where there are several; unless said, the first
    mode: Mode = "proxy"
    route: Route = "nearest"
    chain: tuple[str, ...] = ()  # of route: failover, PoPs in their order
    cdns: dict[str, float] = Factory(dict)  # vendor → weight; 0: a reserve
    sticky: bool = False
    retries: Share = Factory(lambda: Share(0.2))  # of all questions, those that may be put again
    health: Health = Factory(Health)
    queue: Queue = Factory(Queue)
    viewers: Viewers = Factory(Viewers)
    dns: Dns | None = None
