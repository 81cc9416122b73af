"""HTTP/1.1 toward one host, as much of it as calls of the Bot API need: a body posted, an answer read, lines kept open.

aiohttp's client costs four times as much a call, and writes a request only when the loop comes round again: behind a
hundred answers being made, that is late.
"""

import asyncio
import re
import socket
import ssl
from collections import deque
from functools import cache
from urllib.parse import SplitResult

from aiohappyeyeballs import start_connection

CONNECT_WITHIN_S = 5.0
KEPT_IDLE_S = 15.0
MOST_HEAD_BYTES = 65_536

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |\r\n)")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked[ \t]*\r\n", re.IGNORECASE)
_CLOSING = re.compile(rb"\r\nconnection:[ \t]*close[ \t]*\r\n", re.IGNORECASE)
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


class NoConnection(Exception):
    """Nobody was reached: nothing was sent."""


class LineBroken(Exception):
    """The line ended before the answer did, or what came is no HTTP of the kind we speak. It may have arrived."""


class _Head:
    """What an answer's head says of it. `length` is None where the body is in chunks, or ends with its line."""

    def __init__(self, raw: bytes) -> None:
        """Raises LineBroken."""
        status = _STATUS.match(raw)
        if status is None:
            raise LineBroken("no HTTP")
        self.status = int(status[1])
        self.chunked = _CHUNKED.search(raw) is not None
        length = None if self.chunked else _LENGTH.search(raw)
        self.length = int(length[1]) if length else None
        self.closing = _CLOSING.search(raw) is not None or not (length or self.chunked)


class Line(asyncio.Protocol):
    """One connection: one question at a time."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._buffer = bytearray()
        self._head: _Head | None = None
        self.idle_since = 0.0

    @property
    def open(self) -> bool:
        return self._transport is not None

    async def ask(self, request: bytes, patience_s: float) -> tuple[int, bytes]:
        """Status and body. Raises LineBroken, and TimeoutError after `patience_s`; then the line is closed."""
        if self._transport is None:
            raise LineBroken
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        timer = loop.call_later(patience_s, self._fail, TimeoutError())
        self._transport.write(request)
        try:
            return await self._answer
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
            self._answer = None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # create_connection makes no other
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._head and self._head.length is None and not self._head.chunked and exc is None:
            self._finish(self._head, bytes(self._buffer), len(self._buffer))
        self._fail(LineBroken())

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # nobody asked for that
            return
        self._buffer += data
        try:
            self._read()
        except LineBroken as broken:
            self._fail(broken)

    def _read(self) -> None:
        head = self._head = self._head or self._read_head()
        if len(self._buffer) > self._most_bytes or (head and (head.length or 0) > self._most_bytes):
            raise LineBroken("an answer without end")
        if head is None:
            return
        if head.length is not None:
            if len(self._buffer) >= head.length:
                self._finish(head, bytes(self._buffer[: head.length]), head.length)
        elif head.chunked and (joined := _joined(self._buffer)):
            self._finish(head, *joined)

    def _read_head(self) -> _Head | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end > MOST_HEAD_BYTES or (end < 0 and len(self._buffer) > MOST_HEAD_BYTES):
            raise LineBroken("a head without end")
        if end < 0:
            return None
        head = _Head(bytes(self._buffer[: end + 2]))
        del self._buffer[: end + 4]
        return head

    def _finish(self, head: _Head, body: bytes, used: int) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((head.status, body))
        if head.closing or len(self._buffer) > used:
            self.close()
        self._buffer.clear()
        self._head = None

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


class Wire:
    """At most `lines` connections to one scheme, host and port; the one used last is used next."""

    def __init__(self, root: SplitResult, lines: int, most_bytes: int) -> None:
        self._root = root
        self._most_bytes = most_bytes
        self._places = asyncio.Semaphore(lines)
        self._idle: deque[Line] = deque()
        self._head = (
            f"POST {{}} HTTP/1.1\r\nHost: {root.netloc}\r\nUser-Agent: changedesk\r\n"
            "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
        )

    async def post(self, path: str, body: bytes, patience_s: float) -> tuple[int, bytes]:
        """Status and body. Raises NoConnection, LineBroken, TimeoutError."""
        request = self._head.format(path, len(body)).encode("ascii") + body
        async with self._places:
            line = self._kept() or await self._connected()
            answer = await line.ask(request, patience_s)
            if line.open:
                line.idle_since = asyncio.get_running_loop().time()
                self._idle.append(line)
            return answer

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> Line | None:
        """A server may close what lies idle at the very moment it is used again: what is old is not tried."""
        oldest = asyncio.get_running_loop().time() - KEPT_IDLE_S
        while self._idle:
            line = self._idle.pop()
            if line.open and line.idle_since > oldest:
                return line
            line.close()
        return None

    async def _connected(self) -> Line:
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                return await self._connect()
        except (OSError, UnicodeError) as error:
            raise NoConnection(type(error).__name__) from None

    async def _connect(self) -> Line:
        # asyncio's own race between addresses leaves a socket open where it is cancelled as it is won.
        secure, host = self._root.scheme == "https", self._root.hostname or ""
        port = self._root.port or (443 if secure else 80)
        loop = asyncio.get_running_loop()
        places = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        _, line = await loop.create_connection(
            lambda: Line(self._most_bytes),
            sock=await start_connection(places, happy_eyeballs_delay=0.25),
            ssl=_trusted() if secure else None,
            server_hostname=host if secure else None,
        )
        return line


def _joined(chunks: bytearray) -> tuple[bytes, int] | None:
    """The body that the chunks make, and how many bytes it took; None while some are missing. Raises LineBroken."""
    parts: list[bytes] = []
    at = 0
    while chunks.find(b"\r\n", at) >= 0:
        size = _SIZE.match(chunks, at)
        if size is None:
            raise LineBroken("no chunk")
        begin = size.end()
        if int(size[1], 16) == 0:
            # Behind the last chunk stand trailers, or at once an empty line.
            end = chunks.find(b"\r\n\r\n", begin - 2)
            return (b"".join(parts), end + 4) if end >= 0 else None
        at = begin + int(size[1], 16) + 2
        if len(chunks) < at:
            return None
        parts.append(bytes(chunks[begin : at - 2]))
    return None


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()
