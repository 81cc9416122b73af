"""ccxt's object for one exchange, made to speak over our wire, at our pace and by our clock.

ccxt is imported at the first use, in a thread: it takes half a second and 70 MiB.
"""

import asyncio
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Any
from urllib.parse import urlsplit

from bot.domain.orders import Credentials
from bot.providers.exchanges._dialect import Dialect
from bot.providers.exchanges._ladder import Altered, Answered
from bot.providers.exchanges._pace import Pace
from bot.providers.exchanges._section import ExchangeSection
from bot.providers.exchanges._wire import Answer, Flight, Garbled, Wire, read

MOST_BYTES = 8 << 20

_CONSTANT = (
    "api", "commonCurrencies", "exceptions", "features", "fees", "has", "httpExceptions", "limits", "status",
    "timeframes", "urls",
)  # fmt: skip
"""Tables that ccxt copies into each object and never changes: shared they are 90 % of what an object weighs."""


@dataclass(slots=True)
class Link:
    """What stands between one of ccxt's objects and the outside.

    `exact`: texts of money that the next call that changes something must hold as they are. `urgent`: no queue.
    """

    dialect: Dialect
    section: ExchangeSection
    wire: Wire
    pace: Pace
    flight: Flight = field(default_factory=Flight)
    exact: tuple[str, ...] = ()
    urgent: bool = False

    async def fetch(self, client: Any, url: str, method: str, headers: Any, body: Any) -> Any:
        """In place of ccxt's own: the document of a success. Raises NotSent, Lost, Garbled and Answered."""
        status, heads, content = await self.wire.ask(method, url, headers or {}, body, self.flight, MOST_BYTES)
        document, text = await read(content)
        answer = Answer(status, heads, document, text)
        if (wait_s := answer.says_wait_s) is not None:
            self.pace.keep_quiet(wait_s)
        return self.judged(client, answer, url, method)

    def judged(self, client: Any, answer: Answer, url: str, method: str) -> Any:
        """The document of a success. Some say no with a status of 200, and ccxt takes it for a yes."""
        success, document = 200 <= answer.status < 300, answer.document
        refused = self.dialect.complaint(document) is not None
        if document is None or (success and not refused and not self.dialect.well_formed(urlsplit(url).path, document)):
            raise Garbled(answer.status)
        kinds: tuple[str, ...] = ()
        heads = dict(answer.headers)
        try:
            client.handle_errors(answer.status, "", url, method, heads, answer.text, document, heads, "")
            client.handle_http_status_code(answer.status, "", url, method, answer.text)
        except Exception as error:  # noqa: BLE001  # whatever it is: only its class is of use
            kinds = tuple(each.__name__ for each in type(error).__mro__)
        if kinds or refused or not success:
            raise Answered(answer.status, self.dialect.cause(answer.status, document, kinds), kinds)
        return document

    async def throttle(self, weight: float | None = None) -> None:
        await self.pace.turn(float(weight or 1), self.section.patience.queue_s, urgent=self.urgent)

    def milliseconds(self) -> int:
        return int(self.section.clock.now().timestamp() * 1000)

    def check(self, method: str, params: object) -> None:
        """Raises Altered where a text of money is about to go out in another form."""
        if method == "GET" or not self.exact:
            return
        leaving = {str(value).lstrip("-") for value in _leaves(params)}
        if any(text not in leaving for text in self.exact):
            raise Altered


async def load() -> Any:
    """The module with ccxt's asynchronous classes. Idempotent."""
    return await asyncio.to_thread(_import)


def _import() -> Any:
    # While 70 MiB of classes come in, each full collection would hold the interpreter for longer than the one before.
    gc.disable()
    try:
        from ccxt import async_support  # noqa: PLC0415  # who never asks an exchange never pays for it
    finally:
        gc.enable()
    gc.freeze()
    return async_support


def make(module: Any, link: Link, credentials: Credentials | None = None, model: Any = None) -> Any:
    """One of ccxt's objects. With `model`, one that was made before, the constant tables are shared with it."""
    client = getattr(module, link.dialect.ccxt_id)(_config(link.dialect, credentials))
    if model is None:
        client.has = {**client.has, "fetchCurrencies": False}
        client.urls = {**client.urls, **_moved(client, link.section.url)}
    else:
        for name in (*_CONSTANT, "hostname"):
            setattr(client, name, getattr(model, name, None))
    client.verbose = False
    _bind(client, link)
    return client


def _config(dialect: Dialect, credentials: Credentials | None) -> dict[str, object]:
    config: dict[str, object] = {
        "number": Decimal,
        "enableRateLimit": True,
        "options": {**dialect.options, "maxRetriesOnFailure": 0},
    }
    if credentials is not None:
        config |= {"apiKey": credentials.key, "secret": credentials.secret, "password": credentials.password}
    return config


def _bind(client: Any, link: Link) -> None:
    sign = client.sign

    async def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        return await link.fetch(client, url, method, headers, body)

    def signed(path: str, api: Any = "public", method: str = "GET", params: Any = None, *rest: Any) -> Any:
        link.check(method, params)
        return sign(path, api, method, {} if params is None else params, *rest)

    def forget(_request: object) -> None:
        """Not to keep the last signed call, as ccxt would."""

    client.fetch, client.sign, client.throttle = fetch, signed, link.throttle
    client.milliseconds, client.set_last_request = link.milliseconds, forget
    client.safe_string = _safe_string
    client.decimal_to_precision = _beside(client.decimal_to_precision)


def _beside(rounded: Callable[..., str]) -> Callable[..., str]:
    """Of itself it sets the rounding of whoever calls it, for good: every price shown would be rounded otherwise."""

    def in_a_context_of_its_own(*args: Any, **named: Any) -> str:
        with localcontext():
            return rounded(*args, **named)

    return in_a_context_of_its_own


def _safe_string(found: Any, key: Any, default: Any = None) -> Any:
    """As ccxt's own, which takes a Decimal for nothing at all: fees would be lost."""
    try:
        value = found[key]
    except (KeyError, IndexError, TypeError):
        return default
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if type(value) in {str, int, float} and value != "" else default


def _moved(client: Any, url: str) -> dict[str, object]:
    """The addresses of ccxt with `url` in place of their scheme and host."""
    if not url:
        return {}
    host = urlsplit(url).netloc
    moved: dict[str, object] = {"api": _elsewhere(client.urls["api"], url)}
    if "hostnames" in client.urls:
        # HTX signs the name of the host.
        moved["hostnames"] = dict.fromkeys(client.urls["hostnames"], host)
    client.hostname = host
    return moved


def _elsewhere(address: Any, url: str) -> Any:
    if isinstance(address, Mapping):
        return {name: _elsewhere(each, url) for name, each in address.items()}
    return url + urlsplit(address).path if isinstance(address, str) else address


def _leaves(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    if isinstance(value, list | tuple):
        return [leaf for each in value for leaf in _leaves(each)]
    return [value]
