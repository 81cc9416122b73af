"""How a vendor has answered: how often, how fast, and how it failed. One of them for each vendor."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.domain.figures import VendorState, labelled

_STEPS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(slots=True)
class Call:
    """`status` of the answer; 0 where there was none."""

    status: int = 0

    @property
    def trouble(self) -> str:
        """Unreached, limited, failed (5xx) or refused (4xx); empty for an answer."""
        if self.status in {418, 429}:
            return "limited"
        return {0: "unreached", 4: "refused", 5: "failed"}.get(self.status // 100, "")


@dataclass(slots=True)
class Tally:
    """`key_refused`: whether the desk's own key was turned away when it was last used; None: it was not used yet."""

    name: str = ""
    key_refused: bool | None = None
    _steps: Counter[float] = field(default_factory=Counter)
    _count: int = 0
    _sum_s: float = 0.0
    _troubles: Counter[str] = field(default_factory=Counter)
    _last: Call = field(default_factory=Call)
    _last_at: float | None = None

    @contextmanager
    def call(self) -> Iterator[Call]:
        """Times one call. Whoever makes it puts in the status of the answer."""
        call, began = Call(), time.monotonic()
        try:
            yield call
        finally:
            self._note(call, time.monotonic() - began)

    def state(self) -> VendorState:
        """What else it refuses says nothing of its health: somebody asked for what there is not."""
        age_s = None if self._last_at is None else time.monotonic() - self._last_at
        trouble = "" if age_s is None or self._last.trouble == "refused" else self._last.trouble
        return VendorState(self.name, "key" if self.key_refused else trouble, age_s)

    def figures(self) -> dict[str, float]:
        seconds, errors = "vendor_call_seconds", "vendor_errors_total"
        found = {
            labelled(f"{seconds}_bucket", vendor=self.name, le=f"{step:g}"): float(self._steps[step])
            for step in _STEPS_S
        }
        found[labelled(f"{seconds}_bucket", vendor=self.name, le="+Inf")] = self._count
        found[labelled(f"{seconds}_count", vendor=self.name)] = self._count
        found[labelled(f"{seconds}_sum", vendor=self.name)] = self._sum_s
        kinds = ("unreached", "limited", "failed", "refused")
        return found | {labelled(errors, vendor=self.name, kind=kind): self._troubles[kind] for kind in kinds}

    def _note(self, call: Call, took_s: float) -> None:
        self._count += 1
        self._sum_s += took_s
        for step in _STEPS_S:
            self._steps[step] += took_s <= step
        if call.trouble:
            self._troubles[call.trouble] += 1
        self._last, self._last_at = call, time.monotonic()
