"""python-telegram-bot's request interface, and the way of our raw calls: over lines of our own, uploads over aiohttp.

The library's own httpx transport costs ten times as much CPU and slows down further as its pool grows.
"""

from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import aiohttp
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.telegram.wire import LineBroken, NoConnection, Wire

CONNECTIONS = 256
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 15.0
MOST_BYTES = 8 * 1024 * 1024


class NotSent(NetworkError):
    """No connection came about: the request surely never arrived."""


class Transport(BaseRequest):
    """One pool of connections, made at first use. `proxy` is an http or socks5 address."""

    def __init__(self, proxy: str | None = None) -> None:
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None
        self._wires: dict[str, Wire] = {}

    @property
    def read_timeout(self) -> float:
        return READ_TIMEOUT_S

    async def initialize(self) -> None:
        """Idempotent, as the library asks for it once for each of its two roles."""

    async def shutdown(self) -> None:
        while self._wires:
            self._wires.popitem()[1].close()
        if self._session:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002  # the library's interface
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        body: Any = request_data.json_parameters if request_data else None
        if request_data and request_data.multipart_data:
            body = _form(request_data.json_parameters, request_data.multipart_data)
        patience_s = READ_TIMEOUT_S if isinstance(read_timeout, DefaultValue) or not read_timeout else read_timeout
        return await self.request(url, body, patience_s, method=method)

    async def request(
        self, url: str, body: Any, patience_s: float = READ_TIMEOUT_S, *, json: bool = False, method: str = "POST"
    ) -> tuple[int, bytes]:
        """Status and body. `body`: a mapping or a form, or with `json` the encoded bytes.

        Raises NotSent where no connection came about, TimedOut and NetworkError where the request may have arrived.
        """
        if json and self._proxy is None:
            return await self._posted(url, body, patience_s)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S, sock_read=patience_s)
        headers = {"Content-Type": "application/json"} if json else None
        try:
            sending = self._pool().request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            )
            async with sending as answer:
                return answer.status, await _bounded(answer)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(type(error).__name__) from None
        except TimeoutError:
            raise TimedOut from None
        # `from None`, and no text of the errors: it holds the address, and the address holds the token.
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NetworkError(type(error).__name__) from None
        except Exception as error:
            if _of_proxy(error):
                raise NotSent(type(error).__name__) from None
            raise

    async def _posted(self, url: str, body: bytes, patience_s: float) -> tuple[int, bytes]:
        root, path = _parted(url)
        wire = self._wires.get(root.netloc)
        if wire is None:
            wire = self._wires[root.netloc] = Wire(root, CONNECTIONS, MOST_BYTES)
        try:
            return await wire.post(path, body, patience_s)
        except NoConnection as error:
            raise NotSent(str(error)) from None
        except TimeoutError:
            raise TimedOut from None
        except LineBroken as error:
            raise NetworkError(str(error) or "the line broke") from None

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=self._connector(), cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def _connector(self) -> aiohttp.BaseConnector:
        if self._proxy:
            from aiohttp_socks import ProxyConnector  # noqa: PLC0415  # only who has a proxy pays for it

            return ProxyConnector.from_url(self._proxy, limit=CONNECTIONS, rdns=True)
        return aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=300)


@lru_cache(maxsize=256)
def _parted(url: str) -> tuple[SplitResult, str]:
    root = urlsplit(url)
    return root, quote(root.path, safe="/:%")


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise NetworkError("an answer without end")
    return b"".join(parts)


def _of_proxy(error: Exception) -> bool:
    """Raised while a proxy was talked to, before it let anything through. Such errors are no kin of aiohttp's."""
    return isinstance(error, EOFError) or type(error).__module__.startswith(("aiohttp_socks", "python_socks"))


def _form(fields: dict[str, str], files: Any) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in files.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form
