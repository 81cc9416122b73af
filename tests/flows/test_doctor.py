"""`doctor` against a world with something wrong in it: it names that, and nothing else, and changes nothing."""

import asyncio
import hashlib
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot import settings as settings_table
from bot.doctor import Finding, Level, look
from bot.scheduler import SystemClock
from bot.telegram.api import BotApi, Refusal
from bot.telegram.transport import Transport
from storage.backups import note
from storage.store import open_store
from storage.vault import KeySource
from tests.desk import TOKEN, DeskProcess, MovedClock, World, eventually

HOOK = {"UPDATES": "webhook", "PUBLIC_URL": "https://desk.example.org", "WEBHOOK_SECRET": "a-secret-of-tests"}
"""With these nobody polls, so nobody need be waited for."""


async def looked(world: World, clock=None, **more: str) -> list[Finding]:
    chosen = settings_table.read(world.environment(**more), dotenv=world.folder / "none")
    source = KeySource(None, chosen.vault_key_file, chosen.vault_key.reveal(), chosen.database_path.with_suffix(".key"))
    return [finding async for finding in look(chosen, source, clock or SystemClock(), listens_s=1)]


def opened(file: Path) -> None:
    """To everybody on this machine."""
    file.chmod(0o644)


def faults(findings: list[Finding]) -> dict[str, str]:
    return {one.about: one.words for one in findings if one.level is Level.FAULT}


@pytest.fixture
def database(world: World) -> Path:
    """As a desk left it that ran for a while and was backed up."""
    world.admin.send("/start")
    source = KeySource(None, None, "", world.database.with_suffix(".key"))
    open_store(world.database, source, SystemClock())[0].close()
    note(world.database, int(SystemClock().now().timestamp() * 1000))
    return world.database


@asynccontextmanager
async def another_poller(world: World):
    transport = Transport()
    api = BotApi(transport, world.telegram.url, TOKEN)

    async def poll() -> None:
        while True:
            with suppress(Refusal):
                await api.call("getUpdates", {"timeout": 20, "offset": 800_000_000}, 30)
            await asyncio.sleep(0.05)

    task = asyncio.get_running_loop().create_task(poll())
    await eventually(lambda: world.telegram.bot(TOKEN).updates.polling)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await transport.shutdown()


@pytest.mark.usefixtures("database")
async def test_where_nothing_is_wrong_it_finds_nothing(world: World):
    found = await looked(world)
    assert faults(found) == {}
    fine = {one.about for one in found if one.level is Level.OK}
    assert fine >= {"files", "disk", "database", "backup", "clock", "telegram", "vendor"}


async def test_it_changes_nothing(world: World, database: Path):
    def state() -> dict[str, str]:
        files = [file for file in database.parent.iterdir() if not file.name.endswith(("-shm", "-wal"))]
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}

    before = state()
    await looked(world)
    assert state() == before
    assert world.calls("deleteWebhook", "setWebhook", "sendMessage") == 0
    assert world.telegram.bot(TOKEN).updates.confirmed == 0


async def test_before_the_first_start_nothing_is_wrong_either(world: World):
    world.admin.send("/start")
    assert faults(await looked(world, **HOOK)) == {}


@pytest.mark.usefixtures("database")
async def test_a_token_that_telegram_does_not_know(world: World):
    found = faults(await looked(world, BOT_TOKEN="999999:another-token-abcdefghijklmnopqrst", **HOOK))
    assert list(found) == ["telegram"]
    assert "BotFather" in found["telegram"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("moved_s", "word"), [(90, "s ahead"), (-3600, "s behind")])
async def test_a_clock_that_is_wrong(world: World, moved_s: int, word: str):
    clock = MovedClock()
    clock.advance(moved_s)
    found = faults(await looked(world, clock, **HOOK))
    assert list(found) == ["clock"]
    assert word in found["clock"]


async def test_files_that_others_may_read(world: World, database: Path):
    opened(database)
    assert "chmod 600" in faults(await looked(world, **HOOK))["files"]


async def test_a_key_that_does_not_fit_and_a_key_file_that_others_may_read(world: World, database: Path):
    opened(database.with_suffix(".key"))
    assert set(faults(await looked(world, **HOOK))) == {"files", "key"}
    other = "b" * 43 + "="
    assert "not the one" in faults(await looked(world, VAULT_KEY=other, **HOOK))["key"]


async def test_a_database_that_is_damaged(world: World, database: Path):
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 20_000)
    found = faults(await looked(world, **HOOK))
    assert "restore" in found["database"]


@pytest.mark.usefixtures("database")
async def test_a_vendor_and_a_proxy_that_nobody_answers_at(world: World, unused_port: int):
    nobody = f"http://127.0.0.1:{unused_port}"
    found = faults(await looked(world, COINCODEX_URL=nobody, EXCHANGES="binance", **HOOK))
    assert list(found) == ["vendor"]
    assert "coincodex is not reached" in found["vendor"]
    found = faults(await looked(world, PROXY_URL=nobody, PROXY_FOR="coincodex", EXCHANGES="binance", **HOOK))
    assert set(found) == {"proxy", "vendor"}
    assert "refused" in found["proxy"]


@pytest.mark.usefixtures("database")
async def test_telegram_that_is_not_reached(world: World, unused_port: int):
    found = faults(await looked(world, TELEGRAM_API_URL=f"http://127.0.0.1:{unused_port}", **HOOK))
    assert "refused" in found["telegram"]


@pytest.mark.usefixtures("database")
async def test_another_process_on_the_same_token(world: World):
    async with another_poller(world):
        found = faults(await looked(world, EXCHANGES="binance"))
    assert list(found) == ["poller"]


@pytest.mark.usefixtures("database")
async def test_a_webhook_left_set_is_told_and_left_alone(world: World, unused_port: int):
    transport, hook = Transport(), f"http://127.0.0.1:{unused_port}/hook"
    try:
        await BotApi(transport, world.telegram.url, TOKEN).call("setWebhook", {"url": hook})
    finally:
        await transport.shutdown()
    found = await looked(world, EXCHANGES="binance")
    assert "one is left set" in next(one.words for one in found if one.about == "webhook")
    assert world.calls("deleteWebhook") == 0


@pytest.mark.usefixtures("database")
async def test_an_admin_who_never_pressed_start(world: World):
    found = faults(await looked(world, ADMIN_IDS="777000777", **HOOK))
    assert "press Start" in found["admins"]


async def test_a_backup_that_is_too_old(world: World, database: Path):
    note(database, int((SystemClock().now().timestamp() - 30 * 3600) * 1000))
    assert "30 hours" in faults(await looked(world, **HOOK))["backup"]


async def test_its_exit_code_tells_too_and_beside_a_desk_it_disturbs_nobody(world: World, make_process):
    desk: DeskProcess = make_process(EXCHANGES="binance")
    doctor: DeskProcess = make_process(EXCHANGES="binance")
    doctor.log = world.folder / "doctor.log"
    world.admin.send("/start")
    await desk.start()
    await desk.ready()
    await doctor.start("doctor")
    assert await doctor.ended() == 0, doctor.said
    assert "nothing wrong" in doctor.said
    assert "it runs on this database" in doctor.said
    assert "poll.conflict" not in desk.said
    assert TOKEN not in doctor.said
    world.telegram.down()
    await doctor.start("doctor")
    assert await doctor.ended() == 1
    assert "FAULT" in doctor.said
