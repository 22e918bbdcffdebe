"""What `topology.yaml` may say of origins: how many, where, and what a request may ask of one."""

from __future__ import annotations

from typing import Literal

from attrs import Factory, field, frozen
from attrs.validators import and_, ge, gt, le

from sim.topology.quantities import Address, Duration, Size
from sim.topology.scaling import Instances, Scaling
from sim.topology.spread import Hosts


@frozen
class Limits:
    """How much one request may ask of an origin (delivery-urls.md §8.2); a refusal names the limit it met."""

    input_megapixels: float = field(default=25.0, validator=gt(0))
    output_megapixels: float = field(default=25.0, validator=gt(0))
    frames_megapixels: float = field(default=50.0, validator=gt(0))  # all frames of an animation together
    output_side: int = field(default=10_000, validator=ge(1))  # pixels
    chain_length: int = field(default=60, validator=ge(1))  # components
    layers: int = field(default=40, validator=ge(0))
    layer_depth: int = field(default=4, validator=ge(1))
    text_characters: int = field(default=10_000, validator=ge(1))
    font_pixels: int = field(default=5_000, validator=ge(1))
    looks: int = field(default=8, validator=ge(1))
    providers: int = field(default=4, validator=ge(0))  # runs of them
    expression_terms: int = field(default=100, validator=ge(1))
    named_depth: int = field(default=10, validator=ge(1))  # named transformations that name others
    sheet_images: int = field(default=100, validator=ge(1))  # of one sprite or animation by tag
    loads: int = field(default=16, validator=ge(1))  # remote files loaded at once; four times as many wait
    render_memory: Size = Factory(lambda: Size(1024 * 1024 * 1024))  # address space of one worker
    render_time: Duration = Factory(lambda: Duration(20.0))  # of one render, then it is given up
    render_queue: int = field(default=64, validator=ge(1))  # renders running and waiting; more: 503


@frozen
class Provider:
    """Who paints an effect that needs a model (docs/providers.md): a program, or a stand-in of our own."""

    command: tuple[str, ...] = ()
    builtin: Literal["lanczos", "blurred", "improve"] | None = None
    version: str = "1"
    timeout: Duration = Factory(lambda: Duration(10.0))
    memory: Size = Factory(lambda: Size(4 << 30))
    signed_only: bool = False


@frozen
class Webhooks:
    """How an origin delivers notifications (docs/notifications.md)."""

    pauses: tuple[Duration, ...] = (
        Duration(180.0),
        Duration(360.0),
        Duration(540.0),
    )  # before further attempts
    timeout: Duration = Factory(lambda: Duration(10.0))
    running: int = field(default=64, validator=ge(1))
    per_receiver: int = field(default=8, validator=ge(1))
    keep: Duration = Factory(lambda: Duration(86_400.0))  # of what nobody reads from a channel


@frozen
class Origin:
    """A pool of origin instances in one region. Instance n listens n - 1 ports above the first, at its own machine."""

    region: str
    instances: Instances = Factory(Instances)
    scaling: Scaling = Factory(Scaling)  # of instances that are not always as many
    host: Hosts = Factory(Hosts)  # the machines they stand on in turn, where there are several
    workers: int = field(default=1, validator=and_(ge(1), le(64)))  # rendering processes of each instance
    listen: Address | None = None
    control: Address | None = None
    max_upload: Size = Factory(lambda: Size(100_000_000))  # of one request
    max_file: Size = Factory(lambda: Size(2_000_000_000))  # of a file in several requests
    limits: Limits = Factory(Limits)
    webhooks: Webhooks = Factory(Webhooks)
    providers: dict[str, Provider] = Factory(dict)  # by effect: background_removal, upscale, gen_fill …
