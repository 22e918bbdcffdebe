"""The rooms that make pictures, and the one that shows them."""

from attrs import frozen

from origin.archives.packing import Packing
from origin.assets.copies import Copies
from origin.assets.eager import Eager
from origin.delivery.access import Gate
from origin.delivery.baselines import Baselines
from origin.delivery.chains import ChainReader
from origin.delivery.copies import CopyKeeping
from origin.delivery.derive import Derivatives
from origin.delivery.documents import Documents
from origin.delivery.finding import Finder
from origin.delivery.looking import Looks
from origin.delivery.making import Making
from origin.delivery.mapped import MappedAssets, Take
from origin.delivery.mezzanines import Mezzanines
from origin.delivery.packed import Packed
from origin.delivery.pictures import Gallery
from origin.delivery.planning import Planner
from origin.delivery.remote import RemoteAssets
from origin.delivery.shelf import Shelf
from origin.delivery.strict import Strictness
from origin.delivery.tagged import Tagged
from origin.delivery.widths import Widths
from origin.meter import Meter
from origin.remote.loading import Loader
from origin.wiring.base import Base, new_id


@frozen(kw_only=True)
class Workshop:
    """Makes pictures of chains; uploads use it as delivery does."""

    chains: ChainReader
    keeping: CopyKeeping
    remotes: RemoteAssets
    loader: Loader
    planner: Planner
    shelf: Shelf
    documents: Documents
    derivatives: Derivatives
    making: Making
    eager: Eager
    copies: Copies
    packing: Packing
    widths: Widths
    mezzanines: Mezzanines  # a service
    meter: Meter  # a service


@frozen(kw_only=True)
class Delivery:
    """Finds what a URL asks for, and has it made."""

    finder: Finder
    tagged: Tagged
    gallery: Gallery


def make_workshop(base: Base) -> Workshop:
    """The parts of one node that make."""
    settings, renders, store, counters = base.settings, base.renders, base.store, base.counters
    chains = ChainReader(base.rules, settings.limits)
    shelf = Shelf(catalogue=base.catalogue, store=store, now=base.now, new_id=new_id)
    documents = Documents(shelf=shelf, scratch=base.scratch, new_id=new_id)
    meter = Meter(base.catalogue.tallies, clock=base.reactor, now=base.now)
    mezzanines = Mezzanines(
        shelf=shelf,
        store=store,
        renders=renders,
        counters=counters,
        is_wanted=settings.mezzanines,
    )
    derivatives = Derivatives(
        shelf=shelf,
        store=store,
        renders=renders,
        mezzanines=mezzanines,
        counters=counters,
        meter=meter,
    )
    loader = Loader(base.reactor, base.spool, running=settings.loads, waiting=4 * settings.loads)
    keeping = CopyKeeping(base.catalogue, settings.clouds, base.now)
    remotes = RemoteAssets(
        catalogue=base.catalogue,
        store=store,
        renders=renders,
        loader=loader,
        copies=keeping,
        clouds=settings.clouds,
        now=base.now,
        new_id=new_id,
    )
    planner = Planner(
        base.catalogue,
        renders,
        settings.limits,
        store,
        Looks(base.catalogue, store, renders, counters),
        remotes,
        {name: each.plugged() for name, each in settings.providers.items()},
    )
    baselines = Baselines(
        chains=chains,
        planner=planner,
        derivatives=derivatives,
        documents=documents,
        renders=renders,
        store=store,
    )
    making = Making(chains, baselines, planner)
    eager = Eager(derivatives, making)
    copies = Copies(base.catalogue, eager, store)
    widths = Widths(making=making, renders=renders, store=store, documents=documents, counters=counters)
    return Workshop(
        chains=chains,
        keeping=keeping,
        remotes=remotes,
        loader=loader,
        planner=planner,
        shelf=shelf,
        documents=documents,
        derivatives=derivatives,
        making=making,
        eager=eager,
        copies=copies,
        packing=Packing(copies, store),
        widths=widths,
        mezzanines=mezzanines,
        meter=meter,
    )


def make_delivery(base: Base, workshop: Workshop, take: Take) -> Delivery:
    """The parts of one node that show; `take` keeps what they load of mapped folders."""
    clouds, catalogue, chains = base.settings.clouds, base.catalogue, workshop.chains
    mapped = MappedAssets(
        rules=base.rules,
        remotes=workshop.remotes,
        loader=workshop.loader,
        catalogue=catalogue,
        take=take,
        now=base.now,
    )
    finder = Finder(catalogue, clouds, chains, workshop.remotes, Gate(clouds, base.now), mapped)
    packed = Packed(
        packing=workshop.packing,
        shelf=workshop.shelf,
        spool=base.spool,
        most_bytes=base.settings.max_file_bytes,
    )
    tagged = Tagged(catalogue, workshop.planner, workshop.derivatives, chains, packed)
    gallery = Gallery(
        finder=finder,
        strictness=Strictness(clouds, base.rules, chains, catalogue),
        derivatives=workshop.derivatives,
        documents=workshop.documents,
        making=workshop.making,
        widths=workshop.widths,
        tagged=tagged,
        chains=chains,
        now=base.now,
    )
    return Delivery(finder=finder, tagged=tagged, gallery=gallery)
