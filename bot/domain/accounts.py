"""A person's keys at vendors as everybody but the vault may know them: never any part of a key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.orders import Permissions


class KeyState(StrEnum):
    """FROZEN: not used for anything new, until it is replaced or found sound again."""

    ACTIVE = "active"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Health:
    """What the vendor last said of a key. None: it did not say.

    `trouble` is why the key is frozen: `withdraw` (it may take money out), `refused` (the vendor knows it no more).
    """

    trade: bool | None = None
    margin: bool | None = None
    ip_bound: bool | None = None
    expires_at: datetime | None = None
    skew: timedelta | None = None
    warnings: tuple[str, ...] = ()
    trouble: str = ""

    @classmethod
    def of(cls, said: Permissions, trouble: str = "") -> "Health":
        return cls(said.trade, said.margin, said.ip_bound, said.expires_at, said.skew, said.warnings, trouble)

    def values(self) -> dict[str, object]:
        """As plain JSON values: for a row, or for a notice."""
        return {
            "trade": self.trade,
            "margin": self.margin,
            "ip_bound": self.ip_bound,
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
            "skew_ms": self.skew // timedelta(milliseconds=1) if self.skew is not None else None,
            "warnings": list(self.warnings),
            "trouble": self.trouble,
        }

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Health":
        """What `values` gave; what is missing is not known."""
        expires_at, skew_ms = values.get("expires_at"), values.get("skew_ms")
        return cls(
            trade=values.get("trade"),
            margin=values.get("margin"),
            ip_bound=values.get("ip_bound"),
            expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
            skew=timedelta(milliseconds=skew_ms) if skew_ms is not None else None,
            warnings=tuple(values.get("warnings", ())),
            trouble=values.get("trouble", ""),
        )


@dataclass(frozen=True, slots=True)
class Held:
    """One stored key. `fingerprint` tells keys apart and tells nothing of them; `version` grows when it is replaced."""

    id: str
    user_id: int
    vendor: str
    label: str
    version: int
    fingerprint: str
    state: KeyState
    health: Health
    checked_at: datetime
    created_at: datetime

    @property
    def frozen(self) -> bool:
        return self.state is KeyState.FROZEN


@dataclass(frozen=True, slots=True)
class Invitation:
    """One chance to hand over a key: bound to a person and a vendor, good for minutes, spent by success.

    `account_id` is the key to be replaced, empty for a new one.
    """

    user_id: int
    chat_id: int
    vendor: str
    label: str
    account_id: str
    expires_at: datetime
    tries_left: int
    token: str = field(repr=False, default="")
