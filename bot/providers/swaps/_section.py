"""What a swap provider is built from."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.domain.orders import Credentials
from bot.domain.ports import Clock
from bot.providers._http import Policy
from bot.providers.tally import Tally

ASKED_AS = Policy(per_second=10, in_flight=6)
"""What Changelly allows: a call counts from its start to a second after its end, so none of its seconds sees more."""


@dataclass(frozen=True, slots=True)
class SwapSection:
    """`url` is scheme and host. `dialect`: v2, v1 or rest. `credentials`: the operator's; None: swaps are off.

    `nonces`: the next nonce of a key, by its id: larger than any before, over restarts and steps of the clock too.
    `policy.per_second` and `in_flight` hold for each key. `sleep` and `random` (0 up to 1) time the retries.
    """

    url: str
    proxy: str | None
    clock: Clock
    dialect: str
    credentials: Credentials | None
    nonces: Callable[[str], Awaitable[int]]
    user_agent: str = ""
    policy: Policy = ASKED_AS
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = secrets.SystemRandom().random
    tally: Tally = field(default_factory=Tally)
