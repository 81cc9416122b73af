"""A swap as people type it, `0.1 btc eth 0x28C6…`, and as its draft is kept: the same words, each after its name.

A draft is a command line that grows by a name and a word a step. It lies in the row of the open question, so a restart
forgets nothing; its buttons name only what they add, and by `~` and four signs the draft they belong to.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from bot.domain.errors import UserMistake
from bot.domain.swaps import LONGEST_MEMO, RateKind
from bot.domain.words import legible
from handlers import _parse as parse

NONE = "-"
"""An answer, too: no memo, no address to go back to."""

NO_MEMO = frozenset({NONE, "no", "none", "无", "没有"})
LONGEST = 128
KINDS = {
    "float": RateKind.FLOAT,
    "floating": RateKind.FLOAT,
    "fixed": RateKind.FIXED,
    "fix": RateKind.FIXED,
}
_NUMBER = re.compile(r"\$?[0-9.,]+[kmb]?", re.ASCII | re.IGNORECASE)
_BETWEEN = frozenset({"to", "for", "in", "->", "→", ">"})
_NAMES = {"from": "source", "into": "target", "amount": "amount", "rate": "kind", "to": "address", "memo": "memo",
          "refund": "refund", "refundmemo": "refund_memo"}  # fmt: skip
_WORDS = {field: name for name, field in _NAMES.items()}
"""The name of each part of a line, in the order in which they are kept."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is known so far, as typed; empty: not yet. Memo and refund may be `-`."""

    amount: str = ""
    source: str = ""
    target: str = ""
    kind: str = ""
    address: str = ""
    memo: str = ""
    refund: str = ""
    refund_memo: str = ""

    def words(self, *, wanted: str = "") -> list[str]:
        """As `read` takes it. `wanted`: a field that the next word shall fill; what it held is gone."""
        known = [(field.name, getattr(self, field.name)) for field in fields(self)]
        kept = [word for name, value in known if value and name != wanted for word in (_WORDS[name], value)]
        return [*kept, _WORDS[wanted]] if wanted else kept


_HANGS_ON = {
    "source": ("amount", "refund", "refund_memo"),
    "target": ("address", "memo"),
    "address": ("memo",),
    "refund": ("refund_memo",),
}
"""What another one of the first would make wrong."""


def read(args: Sequence[str]) -> Line:
    """Words after their names, and words alone: a number, a rate's kind, two coins, an address, in this order or near
    it. A name with no word behind it is to be asked for anew. Raises UserMistake.
    """
    words, alone = list(args), list[str]()
    found: dict[str, str] = {}
    while words:
        word = words.pop(0)
        name = "" if word.lower() in _BETWEEN and _one_coin(alone) else _NAMES.get(word.lower(), "")
        if not name:
            alone.append(word)
        elif words:
            found[name] = words.pop(0)
            _require_bounded(name, found[name])
        else:
            found = {part: said for part, said in found.items() if part not in {name, *_HANGS_ON.get(name, ())}}
    line = Line(**(_alone(alone, found) | found))
    return replace(line, kind=line.kind.lower())


def stamp(words: Sequence[str]) -> str:
    """What a button calls its draft by."""
    return "~" + hashlib.sha256(" ".join(words).encode()).hexdigest()[:4]


def _alone(words: Sequence[str], found: dict[str, str]) -> dict[str, str]:
    if any(len(word) > LONGEST for word in words):
        raise UserMistake("swap.how", usage="swap")
    left = [word for at, word in enumerate(words) if not (at and word.lower() in _BETWEEN)]
    meant: dict[str, str] = {}
    if kind := parse.take(left, {name: name for name in KINDS}):
        meant["kind"] = kind
    if left and "amount" not in found and is_number(left[0]):
        meant["amount"] = left.pop(0)
    for name in ("source", "target", "address"):
        if left and name not in found:
            meant[name] = left.pop(0)
    if left:
        raise UserMistake("swap.how", usage="swap")
    return meant


def _require_bounded(name: str, word: str) -> None:
    if name in {"memo", "refund_memo"} and len(word) > LONGEST_MEMO:
        raise UserMistake("swap.memo_long", most=LONGEST_MEMO)
    if len(word) > LONGEST:
        raise UserMistake("swap.how", usage="swap")


def _one_coin(alone: Sequence[str]) -> bool:
    """Whether just the first of two coins has been named: then `to` leads to the other, and not to an address."""
    return sum(not is_number(word) and word.lower() not in KINDS for word in alone) == 1


def is_number(word: str) -> bool:
    """Not every word that begins with a digit: there is a coin called 1inch."""
    return _NUMBER.fullmatch(legible(word)) is not None
