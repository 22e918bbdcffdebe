"""What a balancer's `/metrics` tells of its PoPs. The labels are its node, its PoPs and their vendors."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from edge.balancer.names.responder import Responder
from edge.balancer.routing import Routing

LABELS = ("node", "pop", "vendor")


@frozen(eq=False)
class Figures(Collector):
    """Read from the routing whenever somebody asks."""

    node: str
    routing: Routing
    names: Responder | None = None

    def collect(self) -> Iterator[Metric]:
        chosen = CounterMetricFamily("pixeledge_pop_chosen", "Viewers sent to a PoP", labels=LABELS)
        ejected = CounterMetricFamily(
            "pixeledge_pop_ejections", "Times a PoP lost its viewers", labels=LABELS
        )
        up = GaugeMetricFamily("pixeledge_pop_up", "Whether a PoP is up", labels=LABELS)
        share = GaugeMetricFamily(
            "pixeledge_pop_share", "The part of its viewers a PoP gets since it returned", labels=LABELS
        )
        running = GaugeMetricFamily("pixeledge_pop_running", "Requests a PoP has", labels=LABELS)
        answer = GaugeMetricFamily(
            "pixeledge_pop_answer_seconds", "What a PoP takes to answer a check", labels=LABELS
        )
        routing = self.routing
        for pop in routing.settings.pops:
            labels = (self.node, pop.name, pop.vendor)
            chosen.add_metric(labels, routing.chosen[pop.name])
            ejected.add_metric(labels, routing.standings.records[pop.url].ejections)
            up.add_metric(labels, routing.standings.is_up(pop.url))
            share.add_metric(labels, routing.standings.share(pop.url))
            running.add_metric(labels, routing.busy(pop))
            answer.add_metric(labels, routing.measures.at(pop.url).answer_seconds or 0.0)
        yield from (chosen, ejected, up, share, running, answer)
        if self.names is not None:
            answers = CounterMetricFamily(
                "pixeledge_dns_answers", "DNS messages answered", labels=("node", "transport", "rcode")
            )
            for (transport, rcode), count in self.names.counted.items():
                answers.add_metric((self.node, transport, rcode), count)
            yield answers
