"""What the parts of trading share."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.errors import BotError
from bot.domain.guards import Limits
from bot.domain.ports import Clock, Exchange
from bot.services._references import References
from bot.services._signs import text
from bot.services.accounts import Accounts
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """`most`: the operator's limits. `at_work`: intents that this process is about: what else is under way by its row
    is not, its process is no more. `first_seen`: when, by a clock nobody sets, this process first knew it was sent.
    """

    store: Store
    exchanges: Mapping[str, Exchange]
    accounts: Accounts
    references: References
    clock: Clock
    most: Limits
    admins: frozenset[int]
    at_work: Counter[str] = field(default_factory=Counter)
    first_seen: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def working_on(self, intent_id: str) -> Iterator[None]:
        self.at_work[intent_id] += 1
        try:
            yield
        finally:
            self.at_work[intent_id] -= 1
            if not self.at_work[intent_id]:
                del self.at_work[intent_id]


def reason_of(error: BotError) -> dict[str, object]:
    """As it is stored, and told later: a key and texts."""
    values = {name: _told(value) for name, value in error.values.items()}
    return {"key": error.key, "values": values}


def _told(value: object) -> object:
    if isinstance(value, list | tuple):
        return [str(each) for each in value[:8]]
    if isinstance(value, Decimal):
        return text(value)
    return value if isinstance(value, int) else str(value)
