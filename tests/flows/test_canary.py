"""Unique secrets everywhere, all that is said at DEBUG, everything that is kept: none of them is found anywhere."""

import asyncio
import base64
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pyotp
import pytest

from bot.domain.replies import Answer
from handlers._call import Call, Command
from tests.desk import TOKEN, Desk, Told, World, answered, asked, pressed

PHRASE = "canary phrase of seven purple tortoises"


class Secrets:
    """What was given to the desk, in every form it could be written in."""

    def __init__(self) -> None:
        self.forms: dict[str, set[bytes]] = {}

    def add(self, name: str, value: str | bytes) -> None:
        raw = value.encode() if isinstance(value, str) else value
        self.forms[name] = {raw, base64.b64encode(raw), base64.b64encode(raw).rstrip(b"="), raw.hex().encode()}

    def found_in(self, content: bytes) -> list[str]:
        return [name for name, forms in self.forms.items() if any(form in content for form in forms)]


def test_the_search_finds_what_is_there():
    secrets = Secrets()
    secrets.add("key", b"0123456789abcdef")
    for content in (b"x 0123456789abcdef", base64.b64encode(b"0123456789abcdef"), b"0123456789abcdef".hex().encode()):
        assert secrets.found_in(content) == ["key"]
    assert secrets.found_in(b"0123456789abcde") == []


@pytest.fixture
def secrets() -> Secrets:
    made = Secrets()
    made.add("token", TOKEN.partition(":")[2])
    made.add("phrase", PHRASE)
    return made


@pytest.fixture
async def desk(world: World, make_desk, secrets: Secrets) -> Desk:
    key, file = os.urandom(32), world.folder / "elsewhere" / "vault.keys"
    secrets.add("vault key", key)
    file.parent.mkdir()
    file.write_text(base64.b64encode(key).decode())
    file.chmod(0o600)
    made = make_desk(VAULT_KEY_FILE=str(file), ACCESS="open", LOG_LEVEL="debug")
    await made.start()
    await made.ready()
    return made


def kept(world: World) -> Iterator[tuple[str, bytes]]:
    """Every file of the database, and every value of every row."""
    for file in sorted(world.folder.glob("changedesk*")):
        yield file.name, file.read_bytes()
    with closing(sqlite3.connect(world.database)) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert {"accounts", "guards", "inbox", "outbox", "intents"} <= set(tables)
        for table in tables:
            for row in db.execute(f"SELECT * FROM {table}"):  # noqa: S608  # tables of ours
                values = (value if isinstance(value, bytes) else str(value).encode() for value in row)
                yield f"a row of {table}", b"\n".join(values)


async def pages(desk: Desk) -> bytes:
    async with httpx.AsyncClient(trust_env=False) as client:
        root = f"http://127.0.0.1:{desk.app.ports[0]}"
        return "".join(
            [(await client.get(f"{root}/{name}")).text for name in ("metrics", "healthz", "readyz")]
        ).encode()


async def second_step(world: World, desk: Desk, secrets: Secrets) -> pyotp.TOTP:
    shown = await asked(world.alice, "/secondstep on")
    found = next(word for word in re.findall(r"(?m)^[A-Z2-7 ]{39}$", shown.text)).replace(" ", "")
    secrets.add("second step", found)
    code = pyotp.TOTP(found)
    await asked(world.alice, code.at(int(desk.clock.now().timestamp())))
    return code


async def connected(world: World, desk: Desk, secrets: Secrets, code: pyotp.TOTP) -> None:
    login = world.exchange.add_account("alice")
    secrets.add("exchange key", login.key)
    secrets.add("exchange secret", login.secret)
    await asked(world.alice, "/keys add binance")
    await asked(world.alice, code.at(int(desk.clock.now().timestamp()) + 30))  # no code is taken twice
    stored = await asked(world.alice, f"{login.key} {login.secret}")
    assert "binance" in stored.text


async def explodes(call: Call) -> Answer:
    """A handler with a mistake of ours in it, while it holds what it must not tell."""
    held = call.args
    account = await call.services.accounts.opened(await call.services.accounts.of(call.user.id))
    raise RuntimeError(f"a mistake of ours, with {len(held)} secrets and {type(account).__name__} at hand")


async def test_no_secret_is_found_in_anything_said_or_kept(
    world: World, desk: Desk, secrets: Secrets, told: Told, capfd
):
    alice = world.alice
    await asked(alice, f"/phrase {PHRASE}")
    code = await second_step(world, desk, secrets)
    await connected(world, desk, secrets, code)
    assert PHRASE in (await asked(alice, "/phrase")).text

    # Its own exchange at its worst: what it is asked carries signatures, and so may what is said of its failures.
    await asked(alice, "/balance")
    for fault in ("html", "lost_after"):
        world.exchange.faults.set(fault)
        await asked(alice, "/balance")
        await asked(alice, "/orders")
        world.exchange.faults.clear()
    offer = await asked(alice, "/buy 0.001 BTC/USDT")
    assert PHRASE in offer.text
    await pressed(alice, offer, offer.labels[0])
    await alice.wait(lambda message: "Filled" in message.text)
    assert len(world.exchange.engine.ledger) == 1

    # Typed where it does not belong, and held by a handler that fails.
    commands = dict(desk.app.edge.commands) | {"explode": Command("explode", explodes, hidden=True, secret=True)}
    desk.app.edge.commands = commands
    typed = "canary" + "0Il9aZx8" * 8
    secrets.add("typed secret", typed)
    await asked(alice, f"/explode {typed}")
    for said in (f"my key is {typed}", f"/price {typed}", typed):
        world.bob.send(said)
    await answered(world.bob)
    await desk.settled()

    found = {"pages": secrets.found_in(await pages(desk))}
    for place, content in kept(world):
        found.setdefault(place, []).extend(secrets.found_in(content))
    await desk.stop()
    for place, content in kept(world):
        found.setdefault(place, []).extend(secrets.found_in(content))
    said = "\n".join(told.lines)
    assert "update.failed" in said
    assert "a mistake of ours" in said
    found["log"] = secrets.found_in(said.encode())
    found["output"] = secrets.found_in("".join(capfd.readouterr()).encode())
    assert {place: names for place, names in found.items() if names} == {}
    assert len(secrets.forms) == 7


async def test_no_signature_is_in_the_log(world: World, desk: Desk, secrets: Secrets, told: Told):
    code = await second_step(world, desk, secrets)
    await connected(world, desk, secrets, code)
    await asked(world.alice, "/balance")
    world.exchange.faults.set("error")
    await asked(world.alice, "/balance")
    assert any("timestamp" in request.params for request in world.exchange.requests)  # it was signed
    said = "\n".join(told.lines)
    assert "signature" not in re.sub(r"signature=\[hidden\]", "", said)
    assert re.findall(r"\b[0-9a-f]{64}\b", said) == []  # what HMAC-SHA256 looks like


async def test_this_search_would_find_a_secret_that_was_logged(desk: Desk, secrets: Secrets, told: Told):
    """The same lines, the same search: with one secret said on purpose."""
    key = base64.b64decode((desk.world.folder / "elsewhere" / "vault.keys").read_text())
    await asyncio.to_thread(told.lines.append, key.hex())
    assert secrets.found_in("\n".join(told.lines).encode()) == ["vault key"]
