"""What an order, a cancel and a swap have in common: each is pressed, sent once and looked for in the same way."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from bot.domain.intents import Intent, State
from bot.domain.orders import Order
from bot.domain.swaps import Swap
from bot.domain.users import User
from storage.store import Transaction

Reason = dict[str, object]


class Moved(Exception):
    """The terms are no longer those that were shown. `why`: as the new card tells it."""

    def __init__(self, why: str = "moved") -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sending came to. `order`, `swap`: what was made. `orders`: of a cancel, as the exchange told them."""

    state: State
    order: Order | None = None
    orders: tuple[Order, ...] = ()
    swap: Swap | None = None
    reason: Reason = field(default_factory=dict)

    @property
    def vendors_id(self) -> str:
        made = self.order or self.swap
        return made.id if made else ""


Looks = tuple[tuple[int, int], ...]
Send = Callable[[Intent], Awaitable[Outcome]]


class Way(Protocol):
    """One kind of intent. `looks`: up to which age in ms one that is not known is asked about, every how many ms."""

    looks: Looks

    def problem(self, tx: Transaction, won: Intent, counted: Decimal) -> Reason | None:
        """Why this press is refused. `counted`: toward the day's limit, before this one. All in the transaction that
        confirms, so that no two can both fit.
        """
        ...

    async def checked(self, intent: Intent) -> Send:
        """Everything asked again, and what sends it: once. Raises Moved, and BotError where it cannot go."""
        ...

    async def anew(self, user: User, old: Intent, chat_id: int, why: str = "") -> Intent:
        """The same wish on the terms of now; stored by the caller. Raises as an offer does."""
        ...

    def request(self, intent: Intent) -> Mapping[str, object]:
        """What leaves now: known before it leaves."""
        ...

    def taken(self, tx: Transaction, intent: Intent, outcome: Outcome) -> bool:
        """Whether another intent holds what this one is said to have made."""
        ...

    def settled(self, tx: Transaction, moved: Intent, outcome: Outcome) -> None:
        """What is kept beside the intent, in the transaction that moves it."""
        ...

    async def ask(self, intent: Intent) -> Outcome | None:
        """What became of it. None: not known yet. Sends nothing. Raises BotError where nobody answered."""
        ...
