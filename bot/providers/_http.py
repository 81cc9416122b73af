"""How every vendor behind httpx is asked: one client, one policy of time-outs, body size, retries and health.

For reads only: a call that moves money is sent once, by its own hand, and never through here.
"""

import asyncio
import json
import logging
import secrets
import ssl
import sys
import zlib
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, TypeVar

import httpx
from socksio.exceptions import SOCKSError

from bot.domain.errors import Unavailable
from bot.domain.ports import Clock
from bot.providers._lanes import Crowded, Gate, Lane
from bot.providers.tally import Tally

if find_spec("sniffio") is None:
    # httpcore asks for it several times a call: that it is not there is noted, not looked for on the disk each time.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # what the import system takes for "not there"

T = TypeVar("T")

log = logging.getLogger(__name__)

_INLINE_BYTES = 16 << 10
"""A larger body is read beside the loop: to make exact numbers of 100 kB takes some 50 ms."""
_READER = ThreadPoolExecutor(1, thread_name_prefix="vendor-reader")
"""One for all vendors: several threads that compute would leave the event loop's own too few turns."""
_MOST_CONTAINERS = 60_000
"""Lists and objects in one body. Far more than any answer we ask for; a body of nothing else would hold the loop."""
_LONGEST_QUIET_S = 60.0
_QUESTION_REFUSED = frozenset({400, 404, 422})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """`connect_s` until the vendor (or the proxy) is reached; `whole_s` for one try, to the last byte of its answer."""

    connect_s: float = 5.0
    whole_s: float = 15.0


@dataclass(frozen=True, slots=True)
class Policy:
    """`patience_s`: a further try, or a place in the queue, is waited for no longer than this."""

    timeouts: Timeouts = Timeouts()
    body_bytes: int = 4 << 20
    tries: int = 3
    backoff_s: float = 0.5
    patience_s: float = 20.0
    per_second: int = 5
    in_flight: int = 4


STANDARD = Policy()


class Unusable(Unavailable):
    """The vendor answered, but not with data: this address is gone, moved or broken, and another may serve.

    `unknown`: it may just as well not know what was asked for (400, 404, 422).
    """

    unknown = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """What came of a try that failed. Nothing of the vendor's words, and no address, is kept."""

    key: str
    again: bool = False
    answered: bool = False
    unknown: bool = False
    after_s: float | None = None


_UNREACHED = Trouble("source.down", again=True)
_CROWDED = Trouble("source.busy")
_CUT = Trouble("source.garbled", again=True, answered=True)
_GARBLED = Trouble("source.garbled", answered=True)


def user_agent() -> str:
    try:
        return f"Changedesk/{version('changedesk')} (+self-hosted)"
    except PackageNotFoundError:
        return "Changedesk (+self-hosted)"


@cache
def _trusted() -> ssl.SSLContext:
    """One for all clients: to read the certificates takes 30 ms and a megabyte."""
    return httpx.create_ssl_context(trust_env=False)


class Counted(httpx.AsyncClient):
    """Every call is timed and its outcome counted, up to the head of its answer."""

    def __init__(self, tally: Tally, **settings: Any) -> None:
        super().__init__(**settings)
        self._tally = tally

    async def send(self, request: httpx.Request, **more: Any) -> httpx.Response:
        with self._tally.call() as call:
            response = await super().send(request, **more)
            call.status = response.status_code
        return response


def build_client(
    base_url: str, proxy: str | None, user_agent: str, timeouts: Timeouts, tally: Tally | None = None
) -> httpx.AsyncClient:
    """`proxy` is an http:// or socks5:// URL. The environment's proxies are not looked at: PROXY_URL is the setting."""
    return Counted(
        tally or Tally(),
        base_url=base_url,
        proxy=proxy or None,
        verify=_trusted(),
        trust_env=False,
        follow_redirects=False,
        # Only what is unpacked here under the body cap: a small packed body may be a large one.
        headers={"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"},
        timeout=httpx.Timeout(timeouts.whole_s, connect=timeouts.connect_s),
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=30),
    )


@dataclass(slots=True)
class Vendor:
    """One vendor: its client, its queue, its health. `sleep` and `random` (0 up to 1) are handed in by tests."""

    name: str
    client: httpx.AsyncClient
    clock: Clock
    policy: Policy = STANDARD
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = secrets.SystemRandom().random
    healthy: bool = True
    """False from a failure until the next success: whoever has an older answer shows it at once."""
    _gate: Gate = field(init=False)
    _quiet_until: float = 0.0

    def __post_init__(self) -> None:
        self._gate = Gate(self.policy.per_second, self.policy.in_flight)

    async def read(
        self,
        path: str,
        params: Mapping[str, str],
        build: Callable[[object], T | None],
        *,
        tries: int | None = None,
        last: bool = True,
    ) -> T:
        """GET `path` and return what `build` makes of its JSON, where money is Decimal.

        `build` returns None for a body that has not the expected shape, and may run in a thread. `last`: no other
        address will be asked instead, so that an unusable answer is the vendor's failure and not only the address's.
        Raises Unusable where the vendor answered without data, else Unavailable; each with source= and retry_at.
        """
        give_up_at = self.clock.monotonic() + self.policy.patience_s
        trouble = _CROWDED
        for attempt in range(tries or self.policy.tries):
            if not await self._waited(attempt, give_up_at):
                break
            answer = await self._ask(path, params)
            result = answer if isinstance(answer, Trouble) else await _built(answer, build)
            if not isinstance(result, Trouble):
                self._note_success()
                return result
            trouble = result
            self._keep_quiet(trouble.after_s)
            if not trouble.again:
                break
        if last or not trouble.answered:
            self._note_failure(trouble)
        raise self._error(trouble)

    async def close(self) -> None:
        await self.client.aclose()

    async def _waited(self, attempt: int, give_up_at: float) -> bool:
        """Back off with full jitter, and as long as the vendor asked for; False where that is longer than patience."""
        backoff_s = self.random() * self.policy.backoff_s * 2 ** (attempt - 1) if attempt else 0.0
        now = self.clock.monotonic()
        pause_s = max(backoff_s, self._quiet_until - now)
        if now + pause_s > give_up_at:
            return False
        if pause_s > 0:
            await self.sleep(pause_s)
        return True

    async def _ask(self, path: str, params: Mapping[str, str]) -> bytearray | Trouble:
        try:
            async with (
                self._gate.turn(Lane.here(), self.policy.patience_s),
                asyncio.timeout(self.policy.timeouts.whole_s),
                self.client.stream("GET", path, params=params) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    return _refusal(response, self.clock.now())
                return await whole_body(response, self.policy.body_bytes)
        except Crowded:
            return _CROWDED
        except (TimeoutError, httpx.TransportError, SOCKSError, OSError):
            return _UNREACHED

    def _keep_quiet(self, after_s: float | None) -> None:
        if after_s is not None:
            self._quiet_until = self.clock.monotonic() + min(after_s, _LONGEST_QUIET_S)

    def _note_success(self) -> None:
        if not self.healthy:
            log.info("%s answers again", self.name)
        self.healthy = True

    def _note_failure(self, trouble: Trouble) -> None:
        # A question it will not answer says nothing of its health.
        if trouble.unknown:
            return
        if self.healthy:
            log.warning("%s does not serve: %s", self.name, trouble.key)
        self.healthy = False

    def _error(self, trouble: Trouble) -> Unavailable:
        quiet_s = self._quiet_until - self.clock.monotonic()
        retry_at = self.clock.now() + timedelta(seconds=quiet_s) if quiet_s > 0 else None
        if not trouble.answered:
            return Unavailable(trouble.key, retry_at=retry_at, source=self.name)
        error = Unusable(trouble.key, retry_at=retry_at, source=self.name)
        error.unknown = trouble.unknown
        return error


def _refusal(response: httpx.Response, now: datetime) -> Trouble:
    status = response.status_code
    after_s = retry_after_s(response.headers.get("retry-after", ""), now)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Trouble("source.busy", again=True, after_s=after_s)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Trouble("source.down", again=True, answered=True, after_s=after_s)
    return Trouble("source.down", answered=True, unknown=status in _QUESTION_REFUSED)


def retry_after_s(text: str, now: datetime) -> float | None:
    """RFC 9110 10.2.3: seconds, or a date."""
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


async def whole_body(response: httpx.Response, most_bytes: int) -> bytearray | Trouble:
    """The unpacked body. Past `most_bytes` it is let go: leaving the stream unread drops the connection."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in {"identity", "gzip"}:
        return _GARBLED
    unpacker = zlib.decompressobj(wbits=47) if encoding == "gzip" else None
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            body += unpacker.decompress(chunk, most_bytes + 1 - len(body)) if unpacker else chunk
            if len(body) > most_bytes:
                return _GARBLED
    except zlib.error:
        return _GARBLED
    return _CUT if unpacker and not unpacker.eof else body


async def _built(body: bytearray, build: Callable[[object], T | None]) -> T | Trouble:
    return await aside(body, lambda whole: _decoded(whole, build))


async def aside(body: bytearray, work: Callable[[bytearray], T]) -> T:
    """`work` done on `body`; beside the loop where that is large."""
    if len(body) <= _INLINE_BYTES:
        return work(body)
    return await asyncio.get_running_loop().run_in_executor(_READER, work, body)


def _decoded(body: bytearray, build: Callable[[object], T | None]) -> T | Trouble:
    if _overfull(body):
        return _GARBLED
    try:
        value = decoded(body)
    except ValueError:
        # What began as JSON was cut; anything else (a challenge page, nothing at all) will be no better next time.
        return _CUT if body.lstrip().startswith((b"{", b"[")) else _GARBLED
    result = build(value)
    return _GARBLED if result is None else result


def decoded(body: bytearray) -> object:
    """JSON whose numbers with a fraction are Decimal. Raises ValueError for all else, and for what would take long."""
    if _overfull(body):
        raise ValueError("too many parts")
    try:
        return json.loads(body, parse_float=_decimal, parse_int=_integer, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("too deep") from None


def _overfull(body: bytearray) -> bool:
    return body.count(b"[") + body.count(b"{") > _MOST_CONTAINERS


# The scanner is C and keeps the interpreter to itself for as long as it runs: 100 ms for 4 MB. These being Python
# functions, other threads (the event loop's) get their turn at every number: measured 13 ms.


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _integer(text: str) -> int | None:
    return int(text) if len(text) <= 40 else None


def _no_number(_: str) -> None:
    """NaN and the infinities, which are not JSON."""
