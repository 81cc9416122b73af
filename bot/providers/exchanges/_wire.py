"""The way to one exchange: one pool of connections, answers of bounded size, and certainty about what has left.

A library's own way would resend some calls by itself (aiohttp a DELETE whose connection broke, and any call that is
redirected); this one sends each exactly once.
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import aiohttp
import yarl

from bot.providers.exchanges._section import Patience
from bot.providers.tally import Tally

_MOST_CONNECTIONS = 64
_INLINE_BYTES = 16 << 10
_READER = ThreadPoolExecutor(1, thread_name_prefix="exchange-reader")
"""One for all exchanges: several threads that compute would leave the event loop's own too few turns."""
_LONGEST_NUMBER = 40


class NotSent(Exception):
    """No connection came about: nothing has left."""


class Lost(Exception):
    """It has left, or may have, and no whole answer came back."""


class Garbled(Exception):
    """A whole answer came, and it is not the JSON that a success is made of."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(slots=True)
class Flight:
    """What became of the calls of one undertaking: whether any that changes something had a line to leave by."""

    left: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`document` is None for what is not JSON."""

    status: int
    headers: Mapping[str, str]
    document: Any
    text: str

    @property
    def says_wait_s(self) -> float | None:
        """How long the exchange wants to be left alone; None where it does not."""
        if self.status not in {418, 429}:
            return None
        after = self.headers.get("retry-after", "")
        return float(after[:6]) if after.isascii() and after.isdigit() else 5.0


class Wire:
    """Connections are made at first use. The environment's proxies are not looked at: PROXY_URL is the setting."""

    def __init__(self, proxy: str | None, patience: Patience, user_agent: str, tally: Tally) -> None:
        self._tally = tally
        self._proxy = proxy
        self._patience = patience
        self._user_agent = user_agent
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None, flight: Flight, most_bytes: int
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body. Raises NotSent and Lost."""
        with self._tally.call() as call:
            call.status, heads, content = await self._asked(method, url, headers, body, flight, most_bytes)
        return call.status, heads, content

    async def _asked(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None, flight: Flight, most_bytes: int
    ) -> tuple[int, dict[str, str], bytes]:
        calling = Flight()
        try:
            sending = self._pool().request(
                method,
                yarl.URL(url, encoded=True),
                data=body.encode() if body else None,
                headers={**headers, "User-Agent": self._user_agent, "Accept-Encoding": "gzip"},
                allow_redirects=False,
                proxy=self._http_proxy,
                trace_request_ctx=calling,
            )
            async with sending as response:
                content = await _bounded(response, most_bytes)
                return response.status, {name.lower(): value for name, value in response.headers.items()}, content
        # What aiohttp and the proxies' libraries raise holds the address, and the address may be signed.
        except Exception as error:  # noqa: BLE001  # whatever it is: either something has left or not
            name = type(error).__name__
        finally:
            flight.left |= calling.left and method != "GET"
        raise Lost(name) if calling.left else NotSent(name)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def _http_proxy(self) -> str | None:
        return self._proxy if self._proxy and self._proxy.startswith("http") else None

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._connector(),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=self._patience.whole_s, sock_connect=self._patience.connect_s),
                trace_configs=[_tracing()],
            )
            # No public switch turns off that GET, PUT and DELETE go again over a new line where the old one broke.
            self._session._retry_connection = False  # noqa: SLF001  # a cancel is a DELETE, and goes out once
        return self._session

    def _connector(self) -> aiohttp.BaseConnector:
        if self._proxy and self._proxy.startswith("socks"):
            from aiohttp_socks import ProxyConnector  # noqa: PLC0415  # only who has such a proxy pays for it

            return ProxyConnector.from_url(
                self._proxy.replace("socks5h://", "socks5://"), limit=_MOST_CONNECTIONS, rdns=True
            )
        return aiohttp.TCPConnector(limit=_MOST_CONNECTIONS, ttl_dns_cache=300)


def _tracing() -> aiohttp.TraceConfig:
    """Marks a call as left at the moment when it has a line: before, nothing can have been written."""

    async def has_line(_session: aiohttp.ClientSession, context: SimpleNamespace, _event: object) -> None:
        context.trace_request_ctx.left = True

    tracing = aiohttp.TraceConfig()
    tracing.on_connection_create_end.append(has_line)
    tracing.on_connection_reuseconn.append(has_line)
    return tracing


async def _bounded(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > most_bytes:
            response.close()
            raise ValueError("an answer without end")
    return b"".join(parts)


async def read(body: bytes) -> tuple[Any, str]:
    """Document and text; a large one beside the loop."""
    if len(body) <= _INLINE_BYTES:
        return decoded(body)
    return await asyncio.get_running_loop().run_in_executor(_READER, decoded, body)


def decoded(body: bytes) -> tuple[Any, str]:
    """Numbers with a fraction stay text, so that no digit is lost. No document where it is not JSON."""
    text = body.decode("utf-8", "replace")
    try:
        # The scanner is C and keeps the interpreter; at each of these calls the event loop's thread may have its turn.
        document = json.loads(text, parse_float=_fraction, parse_int=_integer, parse_constant=_no_number)
    except (ValueError, RecursionError):
        document = None
    return document, text[:4096]


def _fraction(text: str) -> str | None:
    return f"{Decimal(text):f}" if len(text) <= _LONGEST_NUMBER and abs(Decimal(text).adjusted()) < 60 else None


def _integer(text: str) -> int | None:
    return int(text) if len(text) <= _LONGEST_NUMBER else None


def _no_number(_: str) -> None:
    """NaN and the infinities, which are not JSON."""
