"""From a call to its answer: the token, the method, the faults that spoil it, the log."""

import asyncio
import logging
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.sandbox.telegram.faults import Fault
from bot.sandbox.telegram.files import Upload
from bot.sandbox.telegram.methods import METHODS
from bot.sandbox.telegram.refusals import Refusal, bad, conflict, forbidden, too_many
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.webhook import Webhooks
from bot.sandbox.telegram.wire import CUT, Answer, Call, fine, refused

Json = dict[str, Any]
_LOG = logging.getLogger(__name__)
_MOST_LOGGED = 2_000
_MOST_KEPT_BYTES = 16_384
_MOST_KEPT_SIGNS = 100
_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_PORTAL = b"<html><body>Sign in to the network</body></html>"
_WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@dataclass(slots=True, frozen=True)
class Logged:
    """One call that was made; `status` is 0 where the connection was cut."""

    n: int
    at: float
    bot: str
    method: str
    params: Json
    status: int
    description: str = ""


@dataclass(slots=True)
class Calls:
    tg: Telegram
    webhooks: Webhooks
    delays: dict[str, float]
    log: deque[Logged] = field(default_factory=lambda: deque(maxlen=_MOST_LOGGED))
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[int] = field(default_factory=Counter)
    n: int = 0

    def at_once(self, path: str, params: Json) -> Answer | None:
        """The answer to a plain call when nothing makes it wait; None where `answer` must be asked."""
        token, _, method = path.partition("/")
        bot, run = self.tg.bots.get(token), METHODS.get(method.lower())
        if bot is None or run is None or self.delays or self.tg.faults.active or self.tg.faults.down:
            return None
        self.counts[method] += 1
        call = Call(bot, method, params)
        try:
            answer, description = fine(run(self.tg, call)), ""
        except Exception as error:  # noqa: BLE001 - any fault of ours is a 500, as anywhere
            answer, description = self._refuse(error)
        return self._note(call, answer, description)

    async def answer(self, path: str, params: Json, uploads: dict[str, Upload]) -> Answer:
        if self.tg.faults.down:
            return CUT
        token, _, method = path.partition("/")
        bot = self.tg.bots.get(token)
        if bot is None:
            return _unknown(token)
        self.counts[method] += 1
        call = Call(bot, method, params, uploads)
        fault = self.tg.faults.take(method.lower(), bot.id, params.get("chat_id"))
        if fault is not None and not fault.executed:
            return await self._spoil(call, fault, None)
        answer, description = await self._carry_out(call)
        await self._delay(method.lower())
        if fault is not None:
            return await self._spoil(call, fault, answer)
        return CUT if self.tg.faults.down else self._note(call, answer, description)

    def unreadable(self, path: str, refusal: Refusal) -> Answer:
        """A body that could not be read."""
        token, _, method = path.partition("/")
        bot = self.tg.bots.get(token)
        return self._note(Call(bot, method, {}), *self._refuse(refusal)) if bot else _unknown(token)

    async def _carry_out(self, call: Call) -> tuple[Answer, str]:
        try:
            return await self._run(call), ""
        except Exception as error:  # noqa: BLE001 - any fault of ours is a 500, as anywhere
            return self._refuse(error)

    def _refuse(self, error: Exception) -> tuple[Answer, str]:
        match error:
            case Refusal():
                refusal = error
            case ValueError() | TypeError() | KeyError() | AttributeError():
                refusal = bad("wrong parameter in request")
                _LOG.warning("a parameter of an unexpected kind", exc_info=error)
            case _:
                refusal = Refusal(500, "Internal Server Error")
                _LOG.error("a call could not be carried out", exc_info=error)
        self.refusals[refusal.code] += 1
        return refused(refusal), refusal.description

    async def _run(self, call: Call) -> Answer:
        name = call.method.lower()
        if (method := METHODS.get(name)) is not None:
            return fine(method(self.tg, call))
        match name:
            case "getupdates":
                return Answer(b'{"ok":true,"result":' + await self._poll(call) + b"}")
            case "setwebhook":
                return fine(await self.webhooks.set(call))
            case "deletewebhook":
                return fine(await self.webhooks.delete(call))
            case "getwebhookinfo":
                return fine(self.webhooks.info(call))
        raise Refusal(404, "Not Found")

    async def _poll(self, call: Call) -> bytes:
        if call.bot.id in self.webhooks.deliveries:
            raise conflict(_WEBHOOK_ACTIVE)
        allowed = call.decoded("allowed_updates")
        if isinstance(allowed, list):
            call.bot.updates.allow(map(str, allowed))
        limit = min(max(call.integer("limit", 100), 1), 100)
        return await call.bot.updates.poll(call.integer("offset"), limit, max(call.integer("timeout"), 0))

    async def _delay(self, method: str) -> None:
        delay_s = self.delays.get(method, 0.0 if method == "getupdates" else self.delays.get("*", 0.0))
        if delay_s > 0:
            await asyncio.sleep(delay_s)

    async def _spoil(self, call: Call, fault: Fault, answer: Answer | None) -> Answer:
        """What a fault makes of an answer; `answer` None where the call has had no effect."""
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
            return self._note(call, *((answer, "slow") if answer is not None else await self._carry_out(call)))
        return self._note(call, _spoilt(fault, answer), f"fault {fault.kind}")

    def _note(self, call: Call, answer: Answer, description: str) -> Answer:
        self.n += 1
        status = answer.status if answer.cut is None else 0
        now = self.tg.clock.now()
        params = _worth_keeping(call.params)
        self.log.append(Logged(self.n, now, call.bot.username, call.method, params, status, description))
        self.tg.feed.stir()
        return answer


def _worth_keeping(params: Json) -> Json:
    """The parameters for the log, which must stay small whatever is sent."""
    if len(orjson.dumps(params)) <= _MOST_KEPT_BYTES:
        return params
    return {name: str(value)[:_MOST_KEPT_SIGNS] for name, value in list(params.items())[:_MOST_KEPT_SIGNS]}


def _spoilt(fault: Fault, answer: Answer | None) -> Answer:
    if fault.kind == "cut":
        body = answer.body if answer is not None else b'{"ok":true,"result":{"message_id":1}}'
        return Answer(body, cut=max(1, len(body) // 2))
    if fault.kind == "retry_after":
        return refused(too_many(fault.retry_after))
    return _SPOILT[fault.kind]


_SPOILT = {
    "lost": CUT,
    "refused": CUT,
    "500": refused(Refusal(500, "Internal Server Error")),
    "502": Answer(_GATEWAY, 502, "text/html"),
    "html": Answer(_PORTAL, 200, "text/html"),
    "blocked": refused(forbidden("bot was blocked by the user")),
    "unauthorized": refused(Refusal(401, "Unauthorized")),
}


def _unknown(token: str) -> Answer:
    number, _, secret = token.partition(":")
    return refused(Refusal(401, "Unauthorized") if number.isdigit() and secret else Refusal(404, "Not Found"))
