"""The line to Telegram: answers in every shape HTTP/1.1 gives them, and lines that break, tire or talk too much."""

import asyncio
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.wire import LineBroken, NoConnection, Wire, _joined

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PLAIN = HEAD + b"content-length: 4\r\n\r\ntrue"
MOST_BYTES = 10_000


class Server:
    """Answers each question with the next of its `answers`, piece by piece; None hangs up."""

    def __init__(self) -> None:
        self.answers: list[tuple[bytes | None, ...]] = []
        self.questions: list[bytes] = []
        self.lines = 0
        self.hung_up = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self.questions.append(head + await reader.readexactly(size))
        for piece in self.answers.pop(0) if self.answers else (PLAIN,):
            if piece is None:
                return False
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        return True


@pytest.fixture
async def server():
    played = Server()
    listening = await asyncio.start_server(played.serve, "127.0.0.1", 0)
    played.port = listening.sockets[0].getsockname()[1]
    yield played
    listening.close()


@pytest.fixture
async def wire(server):
    opened = Wire(urlsplit(f"http://127.0.0.1:{server.port}/bot1:x/getMe"), 8, MOST_BYTES)
    yield opened
    opened.close()


async def test_a_question_arrives_whole(server, wire):
    assert await wire.post("/bot1:x/getMe", '{"text":"中"}'.encode(), 5) == (200, b"true")
    head, _, body = server.questions[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /bot1:x/getMe HTTP/1.1\r\nHost: 127.0.0.1:")
    assert body.decode() == '{"text":"中"}'


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ((PLAIN,), b"true"),
        (tuple(bytes([byte]) for byte in PLAIN), b"true"),
        ((HEAD + b"Content-Length: 0\r\n\r\n",), b""),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"2\r\ntr\r", b"\n2;x=y\r\nue\r\n0\r\n", b"\r\n"), b"true"),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\ntrue\r\n0\r\nX-Late: 1\r\n\r\n",), b"true"),
        ((HEAD + b"\r\n", b"tr", b"ue", None), b"true"),
    ],
)
async def test_an_answer_is_read_in_every_shape(server, wire, pieces, body):
    server.answers.append(pieces)
    assert await wire.post("/", b"{}", 5) == (200, body)
    assert await wire.post("/", b"{}", 5) == (200, b"true")


@pytest.mark.parametrize(
    "pieces",
    [
        (None,),
        (PLAIN[:-1], None),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n",),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nt", None),
        (HEAD + b"Content-Length: 99999\r\n\r\n",),
        (HEAD + b"\r\n" + b"x" * 20_000,),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,),
    ],
)
async def test_half_an_answer_or_too_much_of_one_is_none(server, wire, pieces):
    server.answers.append(pieces)
    with pytest.raises(LineBroken):
        await wire.post("/", b"{}", 5)
    assert await wire.post("/", b"{}", 5) == (200, b"true")


async def test_a_line_serves_one_question_after_the_other(server, wire):
    for _ in range(5):
        await wire.post("/", b"{}", 5)
    assert server.lines == 1


async def test_no_more_lines_are_opened_than_allowed(server, wire):
    answers = await asyncio.gather(*(wire.post("/", b"{}", 5) for _ in range(40)))
    assert answers == [(200, b"true")] * 40
    assert server.lines <= 8


@pytest.mark.parametrize(
    "answer", [PLAIN + b"HTTP/1.1 200 OK\r\n", HEAD + b"Connection: close\r\nContent-Length: 4\r\n\r\ntrue"]
)
async def test_a_line_that_says_too_much_or_farewell_is_not_used_again(server, wire, answer):
    server.answers.append((answer,))
    assert await wire.post("/", b"{}", 5) == (200, b"true")
    assert await wire.post("/", b"{}", 5) == (200, b"true")
    assert server.lines == 2


async def test_an_answer_that_comes_too_late_is_never_taken_for_the_next(server, wire):
    server.answers += [(), (PLAIN,)]
    with pytest.raises(TimeoutError):
        await wire.post("/", b"1", 0.05)
    assert await wire.post("/", b"2", 5) == (200, b"true")
    assert server.lines == 2


async def test_a_question_given_up_takes_its_line_along(server, wire):
    server.answers += [(), (PLAIN,)]
    asking = asyncio.gather(wire.post("/", b"1", 5))
    while not server.questions:  # noqa: ASYNC110  # the server has no more to tell than this
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await server.hung_up.wait()
    assert await wire.post("/", b"2", 5) == (200, b"true")


async def test_where_nobody_listens_there_is_no_connection(unused_port):
    with pytest.raises(NoConnection):
        await Wire(urlsplit(f"http://127.0.0.1:{unused_port}"), 8, MOST_BYTES).post("/", b"{}", 5)


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8))
def test_chunks_make_the_body_they_were_cut_from(parts):
    sent = b"".join(b"%X\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    assert _joined(bytearray(sent + b"more")) == (b"".join(parts), len(sent))
    assert all(_joined(bytearray(sent[:cut])) is None for cut in range(len(sent)))
