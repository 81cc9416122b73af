"""Faults on request: what to do to the next calls that match, and the switch that takes the server down."""

import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = {
    "retry_after": "429 with retry_after",
    "500": "500 Internal Server Error",
    "502": "502 with an HTML page",
    "html": "200 with an HTML page",
    "cut": "done, then half an answer and the connection is cut",
    "slow": "done, answered after delay_s",
    "lost": "done, then the connection is cut without an answer",
    "refused": "the connection is cut, nothing is done",
    "blocked": "403 bot was blocked by the user",
    "unauthorized": "401 Unauthorized",
}
DONE_FIRST = {"cut", "slow", "lost"}  # what these spoil is the answer: the call has had its effect


@dataclass(slots=True)
class Fault:
    kind: str
    method: str | None = None
    bot: int | None = None
    chat: int | None = None
    times: int | None = 1
    retry_after: int = 1
    delay_s: float = 1.0
    executed: bool | None = None
    id: int = 0

    def matches(self, method: str, bot_id: int, chat: Any) -> bool:
        return (
            (self.method is None or self.method.lower() == method)
            and (self.bot is None or self.bot == bot_id)
            and (self.chat is None or str(self.chat) == str(chat))
        )

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"there is no fault {self.kind}; there are {', '.join(KINDS)}")
        if self.executed is None:
            self.executed = self.kind in DONE_FIRST


@dataclass(slots=True)
class Faults:
    down: bool = False
    active: list[Fault] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def add(self, kind: str, **settings: Any) -> Fault:
        """`times=None`: until removed; `executed`: whether the call takes effect. Raises ValueError, TypeError."""
        fault = Fault(kind, **settings)
        fault.id = next(self._ids)
        self.active.append(fault)
        return fault

    def take(self, method: str, bot_id: int, chat: Any) -> Fault | None:
        """The first fault that matches, one use less."""
        for fault in self.active:
            if fault.matches(method, bot_id, chat):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.active.remove(fault)
                return fault
        return None

    def remove(self, fault_id: int) -> None:
        self.active = [fault for fault in self.active if fault.id != fault_id]

    def clear(self) -> None:
        self.active.clear()
        self.down = False

    def wire(self) -> dict[str, Any]:
        return {
            "down": self.down,
            "faults": [asdict(fault) for fault in self.active],
            "kinds": [{"kind": kind, "label": label} for kind, label in KINDS.items()],
        }
