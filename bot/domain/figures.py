"""Figures of the running desk: a name, with labels where one name has several, and a number. Nothing about a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]
Source = Callable[[], Figures]


def labelled(name: str, **labels: str) -> str:
    """As Prometheus writes it. The values of labels are words of ours: none holds a quote."""
    told = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{told}}}"


@dataclass(frozen=True, slots=True)
class VendorState:
    """How one vendor answered last. `trouble` is empty where all is well; `age_s` None: it was never asked."""

    name: str
    trouble: str
    age_s: float | None


@dataclass(frozen=True, slots=True)
class Condition:
    """How the desk is, for an admin. `figures` by name; `faults` are short sentences for the operator."""

    version: str
    python: str
    sqlite: str
    up_s: float
    faults: tuple[str, ...]
    figures: Figures
    vendors: tuple[VendorState, ...]
