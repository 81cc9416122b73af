"""The way to Changelly under one key: what is signed is sent, at the pace allowed; reads again, money once."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
from socksio.exceptions import SOCKSError

from bot.domain.errors import BotError, Unsure
from bot.providers._http import Trouble, aside, build_client, decoded, retry_after_s, user_agent, whole_body
from bot.providers._lanes import Crowded, Gate, Lane
from bot.providers.swaps._ladder import Cause, Complaint, Failure, How
from bot.providers.swaps._section import SwapSection
from bot.providers.swaps._signing import Signer
from bot.providers.tally import Tally

T = TypeVar("T")

log = logging.getLogger(__name__)

TITLE = "Changelly"
_MOST_KEYS = 500
_QUIET_AFTER_RATE_S = 1.0
_SHORT_QUIET_S = 5.0
_LONGEST_QUIET_S = 60.0
_CREATION_WAITS_S, _CREATION_TAKES_S = 10.0, 30.0
"""For its turn, and for its answer: to give up while an address is being made would leave more of them unknown."""
_MOST_TEXT = 4096
_IN_A_WORD = {401: "unauthorized", 403: "forbidden"}


@dataclass(frozen=True, slots=True)
class Reply:
    """`document` is None for what is not JSON; `text` is its beginning, for matching only."""

    status: int
    document: Any
    text: str

    @property
    def in_a_word(self) -> bool:
        """A key turned away in the one plain word that goes with the status."""
        return self.text.strip().lower() == _IN_A_WORD.get(self.status, "-")


@dataclass(frozen=True, slots=True)
class Letter:
    """One call as its bytes, which are signed and sent as they are.

    `open` takes the content out of the answer: that, or a Complaint, or a Failure. `about` goes along with a complaint.
    """

    method: str
    path: str
    body: bytes = field(repr=False)
    open: Callable[[Reply], Any]
    about: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class _Flight:
    """One try: how long it may wait for its turn and then take, and whether any byte of it had a line to leave by."""

    waits_s: float
    takes_s: float
    left: bool = False

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by httpcore. A CONNECT goes to the proxy and tells it nothing of the call."""
        if event.endswith("send_request_headers.started") and info["request"].method != b"CONNECT":
            self.left = True


class _Pace:
    """What one key is allowed: shared by all that ask under it. Holds no secret."""

    def __init__(self, per_second: int, in_flight: int) -> None:
        self.gate = Gate(per_second, in_flight, until_answered=True)
        self.quiet_until = 0.0


class Lines:
    """All lines of one provider: one client, one pace a key."""

    def __init__(self, section: SwapSection) -> None:
        self.section = section
        self.client = build_client(
            section.url, section.proxy, section.user_agent or user_agent(), section.policy.timeouts, section.tally
        )
        self._paces: OrderedDict[str, _Pace] = OrderedDict()
        self._healthy = True

    def line(self, signer: Signer, tally: Tally | None = None) -> "Line":
        """`tally`: is told whether the key is taken."""
        return Line(self, signer, self._pace(signer.key_id), tally)

    def _pace(self, key_id: str) -> _Pace:
        if key_id not in self._paces:
            # Nonces have to arrive in their order, and two calls on their way may overtake one another.
            at_once = 1 if self.section.dialect == "rest" else self.section.policy.in_flight
            self._paces[key_id] = _Pace(self.section.policy.per_second, at_once)
            if len(self._paces) > _MOST_KEYS:
                self._paces.popitem(last=False)
        self._paces.move_to_end(key_id)
        return self._paces[key_id]

    def note(self, failed: Failure | None) -> None:
        """In the log, when it changes: whether it serves."""
        if failed is None and not self._healthy:
            log.info("%s answers again", TITLE)
        elif failed is not None and self._healthy:
            log.warning("%s does not serve: %s", TITLE, failed.figures)
        self._healthy = failed is None


class Line:
    """Calls under one key. Its repr shows nothing."""

    def __init__(self, lines: Lines, signer: Signer, pace: _Pace, tally: Tally | None) -> None:
        self._lines = lines
        self._signer = signer
        self._pace = pace
        self._tally = tally
        self._section = lines.section
        self._policy = lines.section.policy

    def __repr__(self) -> str:
        return f"<line to {TITLE}>"

    async def read(self, letter: Letter, build: Callable[[Any], T | None]) -> T:
        """What `build` makes of the content; None from it: not to be used. Raises Refused and Unavailable.

        `build` may run in a thread. Asked again where that helps.
        """
        result = await self.tried(letter, build)
        if isinstance(result, Failure):
            raise self.error(result)
        return result

    def error(self, failed: Failure) -> BotError:
        """Of a read: Unavailable or Refused."""
        return failed.of_read(TITLE, self._retry_at())

    async def tried(self, letter: Letter, build: Callable[[Any], T | None]) -> T | Failure:
        """As `read`, for whom the failure itself holds something."""
        give_up_at = self._section.clock.monotonic() + self._policy.patience_s
        result: T | Failure = Failure(How.CROWDED)
        for attempt in range(self._policy.tries):
            if not await self._waited(attempt, give_up_at):
                break
            flight = _Flight(self._policy.patience_s, self._policy.timeouts.whole_s)
            result = await self._asked(letter, build, Lane.here(), flight)
            if not isinstance(result, Failure) or not result.worth_another_try:
                break
        if not isinstance(result, Failure):
            self._lines.note(None)
        elif result.vendors_fault:
            self._lines.note(result)
        return result

    async def send(self, letter: Letter, build: Callable[[Any], T | None], intent: str) -> T:
        """Once. Raises Refused: explicitly not done. Unavailable: it surely never left. Unsure(intent): all else."""
        result = await self._sent(letter, build, intent)
        # Not from within a handler: what httpx raised knows the call, and must not hang on as the context.
        if isinstance(result, BotError):
            raise result
        return result

    async def _sent(self, letter: Letter, build: Callable[[Any], T | None], intent: str) -> T | BotError:
        flight = _Flight(_CREATION_WAITS_S, _CREATION_TAKES_S)
        if not await self._waited(0, self._section.clock.monotonic() + flight.waits_s):
            return self.error(Failure(How.CROWDED))
        try:
            result = await self._asked(letter, build, Lane.PEOPLE, flight)
        except (asyncio.CancelledError, Exception) as error:
            # A mistake of ours, or the end of the process: neither calls back what has left.
            if not flight.left:
                raise
            log.error("%s: a creation was cut off by %s", TITLE, type(error).__name__)
            return Unsure(Cause.UNDECIDED.value, source=TITLE, intent=intent)
        if not isinstance(result, Failure):
            return result
        log.warning("%s did not confirm a creation: %s", TITLE, result.figures)
        return result.of_money(TITLE, intent, self._retry_at(), left=flight.left)

    async def _waited(self, attempt: int, give_up_at: float) -> bool:
        """Back off with full jitter, and as long as the key is to be quiet; False where that is beyond patience."""
        now = self._section.clock.monotonic()
        backoff_s = self._section.random() * self._policy.backoff_s * 2 ** (attempt - 1) if attempt else 0.0
        pause_s = max(backoff_s, self._pace.quiet_until - now)
        if now + pause_s > give_up_at:
            return False
        if pause_s > 0:
            await self._section.sleep(pause_s)
        return True

    async def _asked(
        self, letter: Letter, build: Callable[[Any], T | None], lane: Lane, flight: _Flight
    ) -> T | Failure:
        answer = await self._answered(letter, lane, flight)
        if isinstance(answer, Failure):
            return answer
        status, body, after_s = answer
        result = await aside(body, lambda whole: _understood(status, whole, letter, build))
        self._note_key(result)
        if isinstance(result, Failure) and (after_s is not None or result.cause is Cause.RATE):
            self._keep_quiet(after_s if after_s is not None else _QUIET_AFTER_RATE_S + self._section.random())
        return result

    def _note_key(self, result: object) -> None:
        refused = isinstance(result, Failure) and result.of_key
        if self._tally is not None and (refused or not isinstance(result, Failure)):
            self._tally.key_refused = refused

    async def _answered(
        self, letter: Letter, lane: Lane, flight: _Flight
    ) -> tuple[int, bytearray, float | None] | Failure:
        """Status, body, and for how many seconds the vendor wants to be left alone."""
        try:
            async with self._pace.gate.turn(lane, flight.waits_s):
                if not await self._quiet_over():
                    return Failure(How.CROWDED)
                headers = {**await self._signer.headers(letter.body), "Content-Type": "application/json"}
                async with (
                    asyncio.timeout(flight.takes_s),
                    self._lines.client.stream(
                        letter.method,
                        letter.path,
                        content=letter.body,
                        headers=headers,
                        timeout=httpx.Timeout(flight.takes_s, connect=self._policy.timeouts.connect_s),
                        extensions={"trace": flight.trace},
                    ) as response,
                ):
                    body = await whole_body(response, self._policy.body_bytes)
                    if isinstance(body, Trouble):
                        return Failure(How.GARBLED, response.status_code, cut=body.again)
                    after_s = retry_after_s(response.headers.get("retry-after", ""), self._section.clock.now())
                    return response.status_code, body, after_s
        except Crowded:
            return Failure(How.CROWDED)
        except (TimeoutError, httpx.TransportError, httpx.DecodingError, SOCKSError, OSError):
            return Failure(How.LOST if flight.left else How.NOT_SENT)

    async def _quiet_over(self) -> bool:
        """Of those that had their turn coming when the vendor asked for quiet."""
        rest_s = self._pace.quiet_until - self._section.clock.monotonic()
        if 0 < rest_s <= _SHORT_QUIET_S:
            await self._section.sleep(rest_s)
        return rest_s <= _SHORT_QUIET_S

    def _keep_quiet(self, after_s: float) -> None:
        quiet_until = self._section.clock.monotonic() + min(after_s, _LONGEST_QUIET_S)
        self._pace.quiet_until = max(self._pace.quiet_until, quiet_until)

    def _retry_at(self) -> datetime | None:
        quiet_s = self._pace.quiet_until - self._section.clock.monotonic()
        return self._section.clock.now() + timedelta(seconds=quiet_s) if quiet_s > 0 else None


def _understood(status: int, body: bytearray, letter: Letter, build: Callable[[Any], T | None]) -> T | Failure:
    try:
        document = decoded(body)
    except ValueError:
        document = None
    cut = document is None and body.lstrip().startswith((b"{", b"["))
    reply = Reply(status, document, body[:_MOST_TEXT].decode("utf-8", "replace"))
    content = letter.open(reply)
    if isinstance(content, Complaint):
        told = replace(content, values={**letter.about, **content.values})
        return Failure(How.ANSWERED, status, told)
    if isinstance(content, Failure):
        return replace(content, cut=cut)
    result = build(content)
    return Failure(How.GARBLED, status, cut=cut) if result is None else result
