"""One line of the table: what was measured, beside whom, against which goal."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """`met` is None where there is no goal."""

    what: str
    ours: str
    goal: str = ""
    met: bool | None = None
    peers: str = ""
    ratio: str = ""


def at_most(what: str, value: float, limit: float, unit: str, digits: int = 0) -> Figure:
    return Figure(what, f"{value:,.{digits}f} {unit}", f"<= {limit:g} {unit}", value <= limit)


def show(figures: Iterable[Figure]) -> None:
    table = Table(title="Figures")
    for name in ("figure", "ours", "peers", "ratio", "goal", "met"):
        table.add_column(name, overflow="fold")
    for one in figures:
        met = "" if one.met is None else "yes" if one.met else "NO"
        table.add_row(one.what, one.ours, one.peers, one.ratio, one.goal, met)
    Console(width=150).print(table)
