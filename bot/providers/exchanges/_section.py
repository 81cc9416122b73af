"""What an exchange is built from."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.domain.ports import Clock
from bot.providers.tally import Tally


@dataclass(frozen=True, slots=True)
class Patience:
    """`connect_s` until the exchange (or the proxy) is reached; `whole_s` for one call, to the last byte of its answer.

    `queue_s`: a read waits for its turn, or for another try, no longer than this.
    """

    connect_s: float = 5.0
    whole_s: float = 15.0
    queue_s: float = 20.0
    tries: int = 3
    backoff_s: float = 0.5


@dataclass(frozen=True, slots=True)
class ExchangeSection:
    """`url` takes the place of scheme and host of the exchange's API; empty: its own. `proxy`: http:// or socks5://.

    `sleep` and `random` (0 up to 1) time turns and retries.
    """

    url: str
    proxy: str | None
    clock: Clock
    user_agent: str = ""
    patience: Patience = Patience()
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = secrets.SystemRandom().random
    tally: Tally = field(default_factory=Tally)
