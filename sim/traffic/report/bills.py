"""What a month of the traffic would cost, for people. Pure but for the drawing."""

from __future__ import annotations

from sim.traffic.bill import Bill
from sim.traffic.report.tables import table_of

HEADINGS = ("GB to viewers", "requests", "to shields", "$ for GB", "$ for requests", "$")
EXPLAINED = (
    "<p>As many bytes and requests as a month of this run has, each region by its hours of the day, at CloudFront's "
    "public prices by where PoPs stand. Without discount, free tier, and what the origin itself costs.</p>"
)


def rows_of(bill: Bill) -> list[list[str]]:
    """A line for each price zone, as `HEADINGS` say, and one for all."""
    return [
        [
            name, f"{due.gigabytes:,.1f}", f"{due.requests:,.0f}", f"{due.shielded:,.0f}",
            *map(money, (due.transfer_dollars, due.request_dollars, due.dollars)),
        ]
        for name, due in (*bill.zones.items(), ("all", bill.all))
    ]  # fmt: skip


def plots(bill: Bill) -> list[str]:
    """As HTML; nothing where nothing was served."""
    if not bill.zones:
        return []
    return [
        "<h2>What a month of this would cost</h2>",
        EXPLAINED,
        table_of(["price zone", *HEADINGS], rows_of(bill)),
    ]


def money(dollars: float) -> str:
    """To a cent."""
    return f"{dollars:,.2f}"
