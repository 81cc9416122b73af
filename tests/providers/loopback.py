"""The outside, on loopback: a vendor that answers as told, and two proxies that really forward."""

import asyncio
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HandClock:
    """Time goes on only when told, or when somebody sleeps by it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
        self.mono = 1000.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.mono

    def go(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.mono += seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.go(seconds)


class LoopbackVendor:
    """Gives the answers of `script` in their order, the last one for good; `asked` holds the raw targets."""

    def __init__(self) -> None:
        self.script: deque[Handler] = deque()
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.sent = 0
        self.at_once = 0
        self.most_at_once = 0
        self.url = ""

    def answers(self, *handlers: Handler) -> None:
        self.script = deque(handlers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.raw_path)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            handler = self.script.popleft() if len(self.script) > 1 else self.script[0]
            return await handler(request)
        finally:
            self.at_once -= 1


class Vendor(Protocol):
    url: str

    async def handle(self, request: web.Request) -> web.StreamResponse: ...


@asynccontextmanager
async def served(vendor: Vendor) -> AsyncIterator[None]:
    """Whatever is asked goes to its `handle`; its `url` says where."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", vendor.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    vendor.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def listening() -> AsyncIterator[LoopbackVendor]:
    vendor = LoopbackVendor()
    async with served(vendor):
        yield vendor


def says(body: bytes | str, status: int = 200, kind: str = "application/json", **headers: str) -> Handler:
    raw = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(body=raw, status=status, content_type=kind, headers=named)

    return handler


CHALLENGE = says("<!DOCTYPE html><title>Just a moment...</title>secret-vendor-words", kind="text/html")


async def hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


def never(released: asyncio.Event) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    return handler


def torn(body: bytes) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        return await hangs_up(request)

    return handler


def endless(vendor: LoopbackVendor, megabytes: int, *, told: bool) -> Handler:
    """So many megabytes of well-formed rows, counted as they are sent; `told` in Content-Length or not."""
    chunk = b"[1367107200,135.3,1486240000]," * 2000

    async def handler(request: web.Request) -> web.StreamResponse:
        count = megabytes * 1_000_000 // len(chunk)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        if told:
            response.content_length = count * len(chunk) + 1
        await response.prepare(request)
        with suppress(ConnectionError):
            await response.write(b"[")
            for _ in range(count):
                await response.write(chunk)
                vendor.sent += len(chunk)
            await response.write_eof()
        return response

    return handler


class Proxy:
    """A minimal forward proxy. `reached` lists the targets it was asked for, as `host:port`."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.url = ""


@asynccontextmanager
async def http_proxy() -> AsyncIterator[Proxy]:
    """RFC 9112 absolute-form for http, CONNECT for the rest."""
    proxy = Proxy()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, rest = head.split(b" ", 2)
        url = urlsplit(target.decode() if method != b"CONNECT" else f"tcp://{target.decode()}")
        proxy.reached.append(url.netloc)
        out_reader, out_writer = await asyncio.open_connection(url.hostname, url.port)
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            path = url.path + (f"?{url.query}" if url.query else "")
            out_writer.write(b" ".join((method, path.encode(), rest)))
        await _relay(reader, writer, out_reader, out_writer)

    async with _server(proxy, serve, "http"):
        yield proxy


@asynccontextmanager
async def socks5_proxy() -> AsyncIterator[Proxy]:
    """RFC 1928, no authentication, CONNECT to an IPv4 address or a name."""
    proxy = Proxy()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == 1:
            host = ".".join(map(str, await reader.readexactly(4)))
        else:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        proxy.reached.append(f"{host}:{port}")
        out_reader, out_writer = await asyncio.open_connection(host, port)
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        await _relay(reader, writer, out_reader, out_writer)

    async with _server(proxy, serve, "socks5"):
        yield proxy


@asynccontextmanager
async def babbling_proxy(reply: bytes) -> AsyncIterator[Proxy]:
    """Says the same to everybody and hangs up: no proxy at all."""
    proxy = Proxy()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        proxy.reached.append("")
        writer.write(reply)
        await writer.drain()

    async with _server(proxy, serve, "socks5"):
        yield proxy


@asynccontextmanager
async def _server(
    proxy: Proxy, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], scheme: str
) -> AsyncIterator[None]:
    open_tasks: set[asyncio.Task[None]] = set()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        open_tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await serve(reader, writer)
        finally:
            writer.close()
            open_tasks.discard(task)

    server = await asyncio.start_server(client, "127.0.0.1", 0)
    proxy.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield
    finally:
        server.close()
        for task in tuple(open_tasks):
            task.cancel()
        await asyncio.gather(*open_tasks, return_exceptions=True)


async def _relay(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    out_reader: asyncio.StreamReader,
    out_writer: asyncio.StreamWriter,
) -> None:
    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
            sink.write(chunk)
            await sink.drain()
        sink.close()

    try:
        await asyncio.gather(pump(reader, out_writer), pump(out_reader, writer))
    finally:
        out_writer.close()
