"""The desk as an operator meets it: exit codes, signals, keys, and secrets that stay where they belong."""

import asyncio
import base64
import hashlib
import os
import re
from pathlib import Path

import httpx
import pytest

from tests.desk import PATIENCE_S, TOKEN, DeskProcess, World, answers, asked, card

REFUSED = 78
WEBHOOK_SECRET = "canary-webhook-secret-0123456789"
TYPED_KEY = "canaryApiKey9f8e7d6c5b4a39281706f5e4d3c2b1a0"


async def ended(desk: DeskProcess) -> int:
    """The exit code of a start that comes to nothing."""
    await desk.start()
    return await desk.ended()


def bytes_of(world: World) -> dict[str, str]:
    """Of the database and its log; to look at one that is in WAL mode leaves an empty log behind."""
    files = [world.database, Path(f"{world.database}-wal")]
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files if f.exists() and f.stat().st_size}


def write_key(path: Path, key: bytes) -> str:
    path.write_text(base64.b64encode(key).decode())
    path.chmod(0o600)
    return str(path)


async def test_sigterm_lets_what_runs_finish_and_ends_with_0(world: World, make_process):
    desk = make_process()
    await desk.start()
    await desk.ready()
    alice = world.alice
    await asked(alice, "/start")
    world.telegram.delays["sendmessage"] = 0.5
    alice.send("/watch btc")
    await world.telegram.until_called("getUpdates", timeout_s=PATIENCE_S)
    code = await asyncio.wait_for(desk.terminate(), 15)
    assert code == 0
    assert "stopped" in desk.said
    await desk.start()
    await alice.wait(lambda message: "BTC" in message.text, timeout_s=PATIENCE_S)
    assert len(answers(alice)) == 1
    assert not re.search(r"\[(error|critical)", desk.said)


async def test_sigterm_ends_it_while_telegram_is_down(world: World, make_process):
    world.telegram.down()
    desk = make_process()
    await desk.start()
    await asyncio.wait_for(_until_said(desk, "telegram.unreachable"), PATIENCE_S)
    assert await asyncio.wait_for(desk.terminate(), 10) == 0


async def _until_said(desk: DeskProcess, word: str) -> None:
    while word not in desk.said:  # noqa: ASYNC110  # a file tells nobody
        await asyncio.sleep(0.02)


async def test_a_second_desk_on_the_same_database_is_refused(world: World, make_process):
    first, second = make_process(), make_process()
    second.log = world.folder / "second.log"
    await first.start()
    await first.ready()
    assert await ended(second) == REFUSED
    assert "another desk" in second.said
    assert card("BTC")(await asked(world.alice, "/price btc"))
    assert await first.terminate() == 0


@pytest.fixture
async def sealed(world: World, make_process) -> DeskProcess:
    """A desk that ran with a key of its own file, and ended well."""
    key = write_key(world.folder / "right.key", b"k" * 32)
    desk = make_process(VAULT_KEY_FILE=key)
    await desk.start()
    await desk.ready()
    await asked(world.alice, "/start")
    assert await desk.terminate() == 0
    return desk


async def test_a_key_that_does_not_fit_ends_it_before_anything_is_touched(world: World, make_process, sealed):
    keys = {
        "wrong": write_key(world.folder / "wrong.key", b"w" * 32),
        "absent": str(world.folder / "absent.key"),
        "none": "",
    }
    before, calls = bytes_of(world), world.telegram.last_call
    for name, key in keys.items():
        assert (name, await ended(make_process(VAULT_KEY_FILE=key))) == (name, REFUSED)
        assert (name, bytes_of(world)) == (name, before)
    assert world.telegram.last_call == calls
    assert base64.b64encode(b"w" * 32).decode() not in sealed.log.read_text()
    again = make_process(VAULT_KEY_FILE=str(world.folder / "right.key"))
    await again.start()
    assert card("BTC")(await asked(world.alice, "/price btc"))


async def test_settings_that_cannot_be_are_all_told_at_once(make_process):
    desk = make_process(TIMEZONE="Mars/Base", ADMIN_IDS="me", METRICS_LISTEN="nowhere")
    assert await ended(desk) == REFUSED
    for name in ("TIMEZONE", "ADMIN_IDS", "METRICS_LISTEN"):
        assert name in desk.said


async def test_a_token_that_telegram_does_not_know_ends_it(make_process):
    desk = make_process(BOT_TOKEN="999999:nobody-knows-this-token-abcdefghij")
    assert await ended(desk) == REFUSED
    assert "BOT_TOKEN" in desk.said
    assert "nobody-knows-this-token" not in desk.said


async def test_an_address_that_is_taken_ends_it(world: World, make_process):
    taken = world.telegram.url.removeprefix("http://")
    desk = make_process(METRICS_LISTEN=taken)
    assert await ended(desk) == REFUSED
    assert "Traceback" not in desk.said


async def test_no_secret_is_anywhere_it_should_not_be(world: World, make_process, unused_port: int):
    """A whole flow, at the most talkative: then the log, the figures and every file are searched."""
    key = os.urandom(32)
    address = f"127.0.0.1:{unused_port}"
    desk = make_process(
        LOG_LEVEL="debug", VAULT_KEY_FILE=write_key(world.folder / "vault.key", key), METRICS_LISTEN=address,
        WEBHOOK_SECRET=WEBHOOK_SECRET,
    )  # fmt: skip
    await desk.start()
    await desk.ready()
    alice = world.alice
    world.telegram.tg.faults.add("502", method="sendMessage")
    world.telegram.tg.faults.add("refused", method="sendMessage")
    for line in (f"/key add binance {TYPED_KEY}", TYPED_KEY, "/price btc", "/watch btc", "/chart btc", "/nosuch"):
        alice.send(line)
    await alice.wait(lambda message: message.file is not None, timeout_s=60)
    world.coincodex.faults.set("html")
    await asked(alice, "/export btc 7d")
    world.telegram.down()
    async with httpx.AsyncClient(trust_env=False) as client:
        pages = [(await client.get(f"http://{address}{page}")).text for page in ("/metrics", "/healthz", "/readyz")]
    kept = b"".join(file.read_bytes() for file in world.folder.glob("changedesk.db*"))
    world.telegram.down(down=False)
    await desk.kill()
    kept += b"".join(file.read_bytes() for file in world.folder.glob("changedesk.db*"))
    searched = {"log": desk.log.read_bytes(), "pages": "".join(pages).encode(), "database": kept}
    assert b"ready" in searched["log"]
    secrets = [
        TOKEN.partition(":")[2].encode(),
        key,
        base64.b64encode(key),
        key.hex().encode(),
        WEBHOOK_SECRET.encode(),
    ]
    for place, content in searched.items():
        for secret in [*secrets, TYPED_KEY.encode()]:
            assert secret not in content, f"{secret[:6]!r}… lies in the {place}"
