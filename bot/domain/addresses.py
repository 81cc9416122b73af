"""Where coins are paid out: a person's own book of addresses, and how two of them are told apart."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_HEX = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_CASELESS = ("bc1", "ltc1", "addr1", "cosmos1", "bitcoincash:")
_ENDS = 4


class Verdict(StrEnum):
    """Whether an address can be one. BARE: its shape fits, and it has no checksum, so a slip in it cannot be seen.
    UNCHECKED: no rule for this network here.
    """

    SOUND = "sound"
    BARE = "bare"
    UNFIT = "unfit"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Saved:
    """One line of the book. `network` is where it is good, as the swap provider calls it. From `trusted_at` on large
    swaps may go there; until then only small ones.
    """

    id: str
    user_id: int
    network: str
    label: str
    trusted_at: datetime
    created_at: datetime
    version: int = 1
    address: str = field(default="", repr=False)
    memo: str = field(default="", repr=False)

    def same(self, network: str, address: str, memo: str = "") -> bool:
        """The same place, memo included: at one address of an exchange there are thousands of people."""
        here = (plain(self.network), folded(self.address), self.memo)
        return here == (plain(network), folded(address), memo)


def plain(network: str) -> str:
    """However it is written: `binance_smart_chain`, `Binance Smart Chain`."""
    return re.sub(r"[^a-z0-9]", "", network.lower())


def folded(address: str) -> str:
    """The same text for the same place: case does not count in 0x and in bech32 addresses."""
    lower = address.lower()
    return lower.removeprefix("bitcoincash:") if _HEX.fullmatch(address) or lower.startswith(_CASELESS) else address


def looks_like(address: str, known: str) -> bool:
    """Another address with the same first and last signs: bait, made to be taken for the known one."""
    one, other = _telling(folded(address)), _telling(folded(known))
    return one != other and one[:_ENDS] == other[:_ENDS] and one[-_ENDS:] == other[-_ENDS:]


def in_fours(address: str) -> list[str]:
    """In groups, so that it can be compared with eyes."""
    return [address[at : at + 4] for at in range(0, len(address), 4)]


def _telling(address: str) -> str:
    """Without what every address of its kind begins with."""
    start = next((start for start in ("0x", *_CASELESS) if address.startswith(start)), "")
    return address.removeprefix(start)
