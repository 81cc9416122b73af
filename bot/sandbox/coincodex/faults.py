"""What can go wrong with CoinCodex, as switches: on the way, in the body, in the shape of the rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.sandbox.coincodex.wire import plain

# Each kind and what its value means when none is given.
KINDS: Mapping[str, int] = {
    "down": 0,  # the connection is closed without a word
    "slow": 5,  # seconds before the answer
    "limited": 30,  # 429; seconds of Retry-After
    "error": 500,  # this status
    "html": 0,  # a challenge page with status 200
    "cut": 0,  # half of the JSON, complete by its length
    "torn": 0,  # the connection breaks in the middle of the body
    "empty": 0,  # status 200 and nothing
    "huge": 30,  # megabytes
    "columns": 4,  # rows of so many columns, 2 to 5
    "strings": 0,  # numbers in quotes
    "milliseconds": 0,
    "missing": 0,  # the first asset of the answer is not there
    "dicts": 0,  # rows with names instead of columns, whatever `columns` says
    "legacy": 503,  # only the endpoints that were there before /api/v1 answer with this status
}
LEGACY_PATHS = "/coincodex/"


@dataclass(slots=True)
class Fault:
    value: int
    times: int | None
    only: str


class Faults:
    """Which faults hold. Several may hold at once, one of each kind."""

    def __init__(self) -> None:
        self._active: dict[str, Fault] = {}

    @property
    def active(self) -> Mapping[str, int]:
        """The kinds that hold now, with their values."""
        return {kind: fault.value for kind, fault in self._active.items()}

    def set(self, kind: str, value: int | None = None, *, times: int | None = None, only: str = "") -> None:
        """Let it go wrong `times` times, or until cleared; `only` for paths that hold this text.

        ValueError for a kind that is not in KINDS, fewer than one time, or rows of an impossible width.
        """
        if kind not in KINDS or (times is not None and times < 1):
            raise ValueError(f"no such fault: {kind}, {times} times")
        if kind == "columns" and value not in range(2, 6):
            raise ValueError("rows have two to five columns")
        self._active[kind] = Fault(
            KINDS[kind] if value is None else value, times, only or (LEGACY_PATHS if kind == "legacy" else "")
        )

    def clear(self, kind: str | None = None) -> None:
        """Let this kind, or everything, go right again."""
        if kind is None:
            self._active.clear()
        else:
            self._active.pop(kind, None)

    def take(self, path: str) -> dict[str, int]:
        """The faults of one request to this path; each use counts."""
        met = {kind: fault for kind, fault in self._active.items() if fault.only in path}
        for kind, fault in met.items():
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    del self._active[kind]
        return {kind: fault.value for kind, fault in met.items()}


def reshaped(payload: Any, faults: Mapping[str, int], columns: Sequence[str]) -> Any:
    """The answer with its rows, numbers or assets bent as the faults say; `columns` names what follows the time."""
    if "missing" in faults:
        payload = _without_first(payload)
    if "columns" in faults and "dicts" not in faults:
        payload = _each_row(payload, lambda row: _columns(row, faults["columns"]))
    if "milliseconds" in faults:
        payload = _each_row(payload, lambda row: [row[0] * 1000, *row[1:]])
    if "dicts" in faults:
        payload = _each_row(payload, lambda row: dict(zip(("timestamp", *columns), row, strict=True)))
    return _in_strings(payload) if "strings" in faults else payload


def _without_first(payload: Any) -> Any:
    if isinstance(payload, list):
        return payload[1:]
    if "data" in payload:
        return {**payload, "data": payload["data"][1:] if isinstance(payload["data"], list) else {}}
    return dict(list(payload.items())[1:])


def _each_row(payload: Any, change: Callable[[list[Any]], Any]) -> Any:
    """Changes every `[seconds, number, …]` however deep it lies."""
    if isinstance(payload, dict):
        return {key: _each_row(value, change) for key, value in payload.items()}
    if isinstance(payload, list) and payload and isinstance(payload[0], list):
        return [change(row) for row in payload]
    return payload


def _columns(row: list[Any], width: int) -> list[Any]:
    """The asked-for quantity stays last, the price second unless only one of them fits."""
    at, first, last = row[0], row[1], row[-1]
    if width == 2:
        return [at, last]
    filling = [None if first is None else Decimal(7 * step) for step in range(1, width - 2)]
    return [at, first, *filling, last]


def _in_strings(payload: Any) -> Any:
    if isinstance(payload, dict):
        return {key: _in_strings(value) for key, value in payload.items()}
    if isinstance(payload, list):
        return [_in_strings(value) for value in payload]
    return plain(payload) if isinstance(payload, Decimal) else payload
