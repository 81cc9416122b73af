"""The fast front: plain calls read straight off the socket; a connection that asks for more goes to aiohttp.

A request through aiohttp's server costs four times what this costs, and benches must measure bots, not their server.
"""

import asyncio
import re
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.sandbox.telegram.calls import Calls
from bot.sandbox.telegram.refusals import Refusal
from bot.sandbox.telegram.wire import Answer, decoded_body, form

_MOST_HEAD = 16_384
_MOST_BODY = 1_048_576
_MOST_DIGITS = 9
_START = re.compile(rb"(GET|POST) /bot([^\s?%]+)(?:\?(\S*))? HTTP/1\.1\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
_TYPE = re.compile(rb"\r\ncontent-type:[ \t]*application/(x-www-form-urlencoded|json)\b", re.IGNORECASE)
_SPECIAL = re.compile(
    rb"\r\n(?:transfer-encoding|expect|upgrade|content-encoding|connection:[ \t]*close)", re.IGNORECASE
)


class Front(asyncio.Protocol):
    """One connection. Requests are answered one after the other."""

    def __init__(self, calls: Calls, server: web.Server, fronts: "set[Front]") -> None:
        self._calls = calls
        self._server = server
        self._fronts = fronts
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._polls = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self._fronts.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        self._fronts.discard(self)
        if self._task is not None and self._polls:
            self._task.cancel()  # a bot that is gone must not be taken for a rival

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._task is None:
            self._read()
        elif len(self._buffer) > _MOST_BODY:
            self.abort()  # nobody sends so much before an answer

    def _read(self) -> None:
        """Answers what has arrived whole; goes on when more comes or the slow answer is out."""
        while self._buffer and self._transport is not None and self._task is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0 and len(self._buffer) < _MOST_HEAD and self._buffer[:4] in (b"POST", b"GET "):
                return
            head = self._buffer[: end + 2]
            start = _START.match(head)
            length = _plain_length(head, start)
            if start is None or length is None:
                self._hand_over()
                return
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._call(start, head, body)

    def _call(self, start: re.Match[bytes], head: bytes, body: bytes) -> None:
        path = start[2].decode("latin-1")
        try:
            params = form(start[3].decode("latin-1")) if start[3] else {}
            if body and (kind := _TYPE.search(head)):
                params.update(decoded_body(f"application/{kind[1].decode().lower()}", body))
        except Refusal as refusal:
            self._say(self._calls.unreadable(path, refusal))
            return
        answer = self._calls.at_once(path, params)
        if answer is not None:
            self._say(answer)
        else:
            self._polls = path.lower().endswith("/getupdates")
            self._task = asyncio.create_task(self._answer(path, params))

    async def _answer(self, path: str, params: dict[str, Any]) -> None:
        answer = await self._calls.answer(path, params, {})
        self._task = None
        self._say(answer)
        self._read()

    def _say(self, answer: Answer) -> None:
        if self._transport is None:
            return
        if answer.cut is not None:
            cut(self._transport, answer)
        else:
            self._transport.write(_head(answer) + answer.body)

    def _hand_over(self) -> None:
        """An upload, a file, the desk: from here on the connection is aiohttp's."""
        transport, self._transport = self._transport, None
        self._fronts.discard(self)
        if transport is not None:
            slow = self._server()
            transport.set_protocol(slow)
            slow.connection_made(transport)
            slow.data_received(self._buffer)


def _plain_length(head: bytes, start: re.Match[bytes] | None) -> int | None:
    """The size of a body the front reads itself; None for any other request."""
    if start is None or _SPECIAL.search(head):
        return None
    length = _LENGTH.search(head)
    if length is None or not length[1].strip(b"0"):
        return 0
    small = len(length[1]) < _MOST_DIGITS and int(length[1]) <= _MOST_BODY
    return int(length[1]) if small and start[1] == b"POST" and _TYPE.search(head) else None


def _head(answer: Answer) -> bytes:
    size = len(answer.body)
    if answer.status == HTTPStatus.OK and not answer.headers and answer.type == "application/json":
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % size
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", f"Content-Type: {answer.type}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {size}", "", ""]).encode()


def cut(transport: asyncio.BaseTransport | None, answer: Answer) -> None:
    """Sends as much of the answer as it says, and closes the connection."""
    if not isinstance(transport, asyncio.Transport):
        return
    if answer.cut:
        transport.write(_head(answer) + answer.body[: answer.cut])
        transport.close()
    else:
        transport.abort()
