"""Those who carry out what the outbox owes: caches are told and objects removed, and receivers notified."""

from attrs import frozen
from twisted.web.client import HTTPConnectionPool

from origin.assets.outbox import Courier
from origin.notifications.posting import Posting, own_resolver
from origin.notifications.postman import Postman
from origin.remote.asking import Asker
from origin.threads import Threads
from origin.wiring.base import Base
from wire.web.agent import make_agent

LOOKUPS = 16  # threads for the names of webhooks' hosts


@frozen(kw_only=True)
class Telling:
    """Two services, and what they hold open."""

    courier: Courier
    postman: Postman
    connections: HTTPConnectionPool
    lookups: Threads


def make_telling(base: Base) -> Telling:
    """Those of one node."""
    settings = base.settings
    agent, connections = make_agent(base.reactor, base.connect)
    lookups = Threads(base.reactor, "webhook names", LOOKUPS)
    courier = Courier(
        catalogue=base.catalogue,
        store=base.store,
        agent=agent,
        nodes=settings.invalidate,
        clock=base.reactor,
        now=base.now,
    )
    postman = Postman(
        catalogue=base.catalogue,
        post=Posting(Asker(base.reactor, own_resolver(lookups)), settings.webhooks.seconds).post,
        clouds=settings.clouds,
        settings=settings.webhooks,
        counters=base.counters,
        clock=base.reactor,
        now=base.now,
    )
    return Telling(courier=courier, postman=postman, connections=connections, lookups=lookups)
