"""Keys through everything: handed over by the page and in the chat, refused, frozen; and never left lying about."""

import re
from collections.abc import Callable

import httpx
import pyotp
import pytest

from bot.sandbox.telegram import Person
from tests.desk import Desk, Told, World, answered, answers, asked, eventually, pressed

in_chat, by_page = pytest.mark.usefixtures("desk"), pytest.mark.usefixtures("paged")
PAGE = re.compile(r"http://127\.0\.0\.1:\d+(/keys/[\w-]{43})")


@pytest.fixture
async def desk(make_desk: Callable[..., Desk]) -> Desk:
    made = make_desk(ACCESS="open")
    await made.start()
    return made


@pytest.fixture
async def paged(make_desk: Callable[..., Desk], unused_port: int) -> Desk:
    address = f"127.0.0.1:{unused_port}"
    made = make_desk(ACCESS="open", PUBLIC_URL=f"http://{address}", LISTEN=address)
    await made.start()
    return made


async def link(person: Person, command: str = "/keys add binance") -> str:
    """The one-time link's address."""
    message = await asked(person, command)
    (url,) = [url for row in message.wire["reply_markup"]["inline_keyboard"] for b in row if (url := b.get("url", ""))
              and PAGE.fullmatch(url)]  # fmt: skip
    return url


async def show(url: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url, headers=headers)


async def hand_over(url: str, key: str, secret: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return await client.post(url, data={"key": key, "secret": secret})


def texts(person: Person) -> str:
    return "\n".join(message.text for message in person.messages())


def is_gone(person: Person, words: str) -> bool:
    return words not in texts(person)


async def kept(desk: Desk, person: Person) -> list:
    return await desk.app.services.accounts.all_of(person.id)


# --- by the page ------------------------------------------------------------------------------------------------------


async def test_a_key_comes_by_the_page_and_its_owner_is_told(world: World, paged: Desk):
    login = world.exchange.add_account("alice")
    url = await link(world.alice, "/keys add binance my savings")
    page = await hand_over(url, login.key, login.secret)
    assert (page.status_code, "Connected" in page.text) == (200, True)
    told = await world.alice.wait(lambda m: "Connected" in m.text)
    assert "my savings" in told.text
    assert "Cannot withdraw" in told.text
    (held,) = await kept(paged, world.alice)
    assert held.fingerprint in told.text
    assert "my savings" in (await asked(world.alice, "/keys")).text


@by_page
async def test_looking_at_the_link_spends_nothing(world: World):
    url = await link(world.alice)
    for agent in ("TelegramBot (like TwitterBot)", "Mozilla/5.0"):
        for _ in range(10):
            assert (await show(url, **{"User-Agent": agent})).status_code == 200
    login = world.exchange.add_account("alice")
    assert (await hand_over(url, login.key, login.secret)).status_code == 200


@by_page
async def test_the_message_with_the_link_asks_for_no_preview(world: World):
    await link(world.alice)
    sent = [call for call in world.telegram.requests if call.method == "sendMessage"][-1]
    assert "is_disabled" in str(sent.params.get("link_preview_options"))


@by_page
async def test_the_page_lets_nothing_else_in_and_nothing_out(world: World):
    page = await show(await link(world.alice))
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "<script" not in page.text
    assert not re.findall(r"<(?:img|link|script|iframe)[^>]+(?:src|href)=\"(?!data:)", page.text)


@by_page
@pytest.mark.parametrize("agent_language", ["zh-CN,zh;q=0.9", "zh"])
async def test_the_page_speaks_the_language_of_its_reader(world: World, agent_language: str):
    url = await link(world.alice)
    assert "提币" in (await show(url, **{"Accept-Language": agent_language})).text
    assert "Withdrawals" in (await show(url, **{"Accept-Language": "xx"})).text


async def test_a_link_works_once(world: World, paged: Desk):
    login, other = world.exchange.add_account("alice"), world.exchange.add_account("other")
    url = await link(world.alice)
    assert (await hand_over(url, login.key, login.secret)).status_code == 200
    again = await hand_over(url, other.key, other.secret)
    assert (again.status_code, "over" in again.text) == (410, True)
    assert (await show(url)).status_code == 410
    assert len(await kept(paged, world.alice)) == 1


async def test_a_link_lives_five_minutes(world: World, paged: Desk):
    login = world.exchange.add_account("alice")
    url = await link(world.alice)
    paged.clock.advance(4 * 60 + 50)
    assert (await show(url)).status_code == 200
    paged.clock.advance(11)
    assert (await show(url)).status_code == 410
    assert (await hand_over(url, login.key, login.secret)).status_code == 410
    assert await kept(paged, world.alice) == []


@by_page
async def test_a_newer_link_ends_the_older_one(world: World):
    first, second = await link(world.alice), await link(world.alice)
    assert (await show(first)).status_code == 410
    assert (await show(second)).status_code == 200


@by_page
async def test_a_link_that_never_was_tells_nothing(world: World):
    url = await link(world.alice)
    page = await show(url[:-3] + "AAA")
    assert page.status_code == 410
    assert "alice" not in page.text.lower()


@by_page
async def test_a_wrong_key_can_be_put_right_a_few_times(world: World):
    login = world.exchange.add_account("alice")
    url = await link(world.alice)
    wrong = await hand_over(url, login.key, "x" * 64)
    assert wrong.status_code == 422
    assert login.key not in wrong.text
    assert (await hand_over(url, login.key, login.secret)).status_code == 200


async def test_a_link_bears_five_tries(world: World, paged: Desk):
    login = world.exchange.add_account("alice")
    url = await link(world.alice)
    for _ in range(4):
        assert (await hand_over(url, login.key, "x" * 64)).status_code == 422
    assert (await hand_over(url, login.key, "x" * 64)).status_code == 410
    assert (await hand_over(url, login.key, login.secret)).status_code == 410
    assert await kept(paged, world.alice) == []


async def test_a_key_that_can_withdraw_is_refused(world: World, paged: Desk):
    login = world.exchange.add_account("alice", withdraw=True)
    url = await link(world.alice)
    page = await hand_over(url, login.key, login.secret)
    assert page.status_code == 422
    assert "withdraw" in page.text
    assert await kept(paged, world.alice) == []


@by_page
@pytest.mark.parametrize("body", [b"", b"key=a", b"key=&secret=", b"x" * 20_000, b"key=%FF%FE&secret=%00", b"&" * 100])
async def test_what_is_no_form_harms_nobody(world: World, body: bytes):
    url = await link(world.alice)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(url, content=body, headers=kind)).status_code in {413, 422}
        assert (await client.post(url, json={"key": "a"})).status_code == 413
    assert (await show(url)).status_code == 200


async def test_a_second_person_cannot_be_given_a_key_he_did_not_ask_for(world: World, paged: Desk):
    login = world.exchange.add_account("alice")
    await hand_over(await link(world.alice), login.key, login.secret)
    assert await kept(paged, world.bob) == []


async def test_pasted_into_the_chat_instead_it_is_not_taken(world: World, paged: Desk):
    login = world.exchange.add_account("alice")
    await link(world.alice)
    warning = await asked(world.alice, f"{login.key}\n{login.secret}")
    assert "exchange key" in warning.text
    assert is_gone(world.alice, login.key)
    assert await kept(paged, world.alice) == []


# --- in the chat ------------------------------------------------------------------------------------------------------


async def test_without_a_page_the_chat_takes_it_and_says_that_telegram_saw_it(world: World, desk: Desk):
    login = world.exchange.add_account("alice")
    assert "Telegram will have seen it" in (await asked(world.alice, "/keys add binance")).text
    told = await asked(world.alice, f"{login.key}\n{login.secret}")
    assert "Connected" in told.text
    assert is_gone(world.alice, login.secret)
    (held,) = await kept(desk, world.alice)
    assert held.fingerprint not in login.key


async def test_the_message_goes_before_the_exchange_is_asked(world: World, desk: Desk):
    login = world.exchange.add_account("alice")
    await asked(world.alice, "/keys add binance")
    world.exchange.faults.set("slow", 2)
    world.alice.send(f"{login.key}\n{login.secret}")
    await eventually(lambda: is_gone(world.alice, login.key) and world.calls("deleteMessage"))
    assert await kept(desk, world.alice) == []
    await world.alice.wait(lambda m: "Connected" in m.text, timeout_s=30)


@in_chat
async def test_where_it_cannot_be_deleted_that_is_said(world: World):
    login = world.exchange.add_account("alice")
    await asked(world.alice, "/keys add binance")
    world.telegram.tg.faults.add("refused", method="deleteMessage", chat=world.alice.id)
    world.alice.send(f"{login.key}\n{login.secret}")
    await world.alice.wait(lambda m: "Connected" in m.text)
    assert any("cannot delete" in m.text for m in answers(world.alice))


@in_chat
async def test_half_a_key_is_not_kept_and_can_be_sent_anew(world: World):
    login = world.exchange.add_account("alice")
    await asked(world.alice, "/keys add binance")
    assert "expected 2" in (await asked(world.alice, login.key)).text
    assert is_gone(world.alice, login.key)
    assert "Connected" in (await asked(world.alice, f"{login.key} {login.secret}")).text


async def test_cancel_ends_the_waiting_for_a_key(world: World, desk: Desk):
    login = world.exchange.add_account("alice")
    await asked(world.alice, "/keys add binance")
    await asked(world.alice, "/cancel")
    assert "exchange key" in (await asked(world.alice, f"{login.key}\n{login.secret}")).text
    assert await kept(desk, world.alice) == []


async def test_nobody_can_use_anothers_invitation(world: World, desk: Desk):
    login = world.exchange.add_account("alice")
    await asked(world.alice, "/keys add binance")
    line = await desk.app.services.dialogs.pending(world.alice.id, world.alice.id)
    assert "已失效" in (await asked(world.bob, f"/{line} {login.key} {login.secret}")).text
    assert await kept(desk, world.bob) == await kept(desk, world.alice) == []


# --- pasted where it must not be --------------------------------------------------------------------------------------


@pytest.fixture
def key(world: World) -> str:
    login = world.exchange.add_account("careless")
    return f"{login.key}\n{login.secret}"


async def test_in_a_group_it_is_not_taken_and_deleted_where_allowed(world: World, desk: Desk, key: str):
    await asked(world.alice, "/keys add binance")
    group = world.telegram.tg.world.add_group("Traders", [world.alice.id, world.bob.id], [desk_bot(world)])
    world.alice.send(f"/price {key}", chat=group.id)
    warning = await answered(world.alice, chat=group.id)
    assert "cannot delete" in warning.text
    group.admins.add(desk_bot(world))
    world.alice.send(f"/price {key}", chat=group.id)
    warning = await answered(world.alice, chat=group.id)
    assert "everybody here" in warning.text
    assert await kept(desk, world.alice) == []


def desk_bot(world: World) -> int:
    return next(iter(world.telegram.tg.bots.values())).id


async def test_in_an_edit_it_is_not_taken(world: World, desk: Desk, key: str):
    await asked(world.alice, "/keys add binance")
    _, entry = world.alice.say("/help")
    await answered(world.alice)
    world.alice.edit(entry.id, key)
    warning = await world.alice.wait(lambda m: "🚨" in m.text)
    assert "deleted" in warning.text
    assert await kept(desk, world.alice) == []


async def test_in_a_caption_or_a_file_it_is_not_taken(world: World, desk: Desk, key: str):
    await asked(world.alice, "/keys add binance")
    world.alice.send_photo(PNG, caption=key)
    assert "🚨" in (await answered(world.alice)).text
    world.alice.send_document(key.encode(), name="keys.txt")
    assert "🚨" in (await answered(world.alice)).text
    assert await kept(desk, world.alice) == []


async def test_a_file_that_nobody_asked_for_is_let_be(world: World, desk: Desk):
    world.alice.send_document(b"time,price", name="prices.csv")
    world.alice.send_photo(PNG, caption="my new desk")
    await desk.settled()
    assert answers(world.alice) == []


async def test_an_ordinary_edit_is_no_new_command(world: World, desk: Desk):
    _, entry = world.alice.say("/help")
    await answered(world.alice)
    world.alice.edit(entry.id, "/price btc")
    await desk.settled()
    assert answers(world.alice) == []


async def test_many_pictures_in_a_group_are_no_flood(world: World, desk: Desk):
    group = world.telegram.tg.world.add_group("Pictures", [world.alice.id], [desk_bot(world)])
    for _ in range(30):
        world.alice.send_photo(PNG, caption="look", chat=group.id)
    await desk.settled()
    assert answers(world.alice, group.id) == []


@in_chat
@pytest.mark.parametrize(
    "secret",
    [
        "legal winner thank year wave sausage worth useful legal winner thank yellow",
        "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
    ],
)
async def test_other_secrets_set_off_the_same_alarm(world: World, secret: str):
    warning = await asked(world.alice, secret)
    assert "🚨" in warning.text
    assert is_gone(world.alice, secret.split("\n", maxsplit=1)[0])
    assert len(answers(world.alice)) == 1


async def test_nothing_of_it_is_in_the_log_or_in_the_rows(world: World, desk: Desk, told: Told, key: str):
    await asked(world.alice, key)
    await asked(world.alice, "/keys add binance")
    await asked(world.alice, key)
    await desk.settled()
    await desk.stop()
    files = b"".join(path.read_bytes() for path in world.folder.iterdir() if path.is_file())
    for part in key.split():
        assert part.encode() not in files
        assert not [line for line in told.lines if part in line]


# --- what a key may do, later -----------------------------------------------------------------------------------------


async def connected(world: World, person: Person, **rights: bool):
    login = world.exchange.add_account(str(person.id), **rights)
    await asked(person, "/keys add binance")
    assert "Connected" in (await asked(person, f"{login.key}\n{login.secret}")).text
    return login


async def a_week_passes(desk: Desk, person: Person) -> None:
    """For the key alone: the exchange's clock stays near ours."""
    (held,) = await kept(desk, person)
    week_ms = 7 * 24 * 3600 * 1000
    await desk.app.store.write(lambda tx: tx.accounts.note_health(held, held.health, held.state, tx.now_ms - week_ms))


async def test_a_key_that_gains_withdrawal_is_frozen_and_its_owner_told(world: World, desk: Desk):
    login = await connected(world, world.alice)
    world.exchange.engine.keys[login.key].withdraw = True
    await a_week_passes(desk, world.alice)
    await desk.app.services.accounts.check_due()
    alarm = await world.alice.wait(lambda m: "🚨" in m.text)
    assert "may now withdraw" in alarm.text
    assert "frozen" in (await asked(world.alice, "/keys")).text
    world.exchange.engine.keys[login.key].withdraw = False
    card = await pressed(world.alice, alarm, "🔄 Check now")
    assert "may trade" in card.text


@in_chat
async def test_a_key_that_only_reads_is_taken_and_called_so(world: World):
    await connected(world, world.alice, trade=False)
    assert "reads only" in (await asked(world.alice, "/keys")).text


async def test_a_key_is_renamed_replaced_and_dropped_by_buttons(world: World, desk: Desk):
    await connected(world, world.alice)
    card = await pressed(world.alice, await asked(world.alice, "/keys"), "🔑 binance")
    await pressed(world.alice, card, "✏️ Rename")
    assert "long term" in (await asked(world.alice, "long term")).text
    card = await pressed(world.alice, await asked(world.alice, "/keys"), "🔑 long term")
    login = world.exchange.add_account("second")
    await pressed(world.alice, card, "🔁 Replace")
    assert "Replaced" in (await asked(world.alice, f"{login.key} {login.secret}")).text
    (held,) = await kept(desk, world.alice)
    assert (held.label, held.version) == ("long term", 2)
    card = await pressed(world.alice, await asked(world.alice, "/keys"), "🔑 long term")
    sure = await pressed(world.alice, card, "🗑 Disconnect")
    assert len(await kept(desk, world.alice)) == 1
    await pressed(world.alice, sure, "🗑 Disconnect long term")
    assert await kept(desk, world.alice) == []


async def test_nobody_sees_or_touches_anothers_key(world: World, desk: Desk):
    await connected(world, world.alice)
    (held,) = await kept(desk, world.alice)
    for line in (f"/keys {held.id}", f"/keys drop {held.id} yes", f"/keys name {held.id} mine",
                 f"/keys replace {held.id}", f"/keys check {held.id}"):  # fmt: skip
        assert held.fingerprint not in (await asked(world.bob, line)).text
    assert await kept(desk, world.alice) == [held]


# --- the second step, the lock ----------------------------------------------------------------------------------------


async def second_step(desk: Desk, person: Person) -> pyotp.TOTP:
    """Sets it up in the chat."""
    begun = await asked(person, "/secondstep on")
    (secret,) = [b["copy_text"]["text"] for row in begun.wire["reply_markup"]["inline_keyboard"] for b in row
                 if "otpauth" not in b["copy_text"]["text"]]  # fmt: skip
    totp = pyotp.TOTP(secret)
    assert "is on" in (await asked(person, code(desk, totp))).text
    return totp


def code(desk: Desk, totp: pyotp.TOTP) -> str:
    return totp.at(desk.clock.now())


async def test_a_code_is_asked_for_a_key_and_leaves_no_trace_in_the_chat(world: World, desk: Desk):
    totp = await second_step(desk, world.alice)
    desk.clock.advance(60)
    assert "6-digit code" in (await asked(world.alice, "/keys add binance")).text
    typed = code(desk, totp)
    assert "exactly these boxes" in (await asked(world.alice, typed)).text
    assert is_gone(world.alice, typed)


async def test_a_code_works_once(world: World, desk: Desk):
    totp = await second_step(desk, world.alice)
    desk.clock.advance(60)
    await asked(world.alice, "/keys add binance")
    typed = code(desk, totp)
    assert "exactly these boxes" in (await asked(world.alice, typed)).text
    await asked(world.alice, "/keys add bitfinex")
    assert "used already" in (await asked(world.alice, typed)).text


async def test_five_wrong_codes_bar_for_a_quarter_of_an_hour(world: World, desk: Desk):
    totp = await second_step(desk, world.alice)
    desk.clock.advance(60)
    await asked(world.alice, "/keys add binance")
    wrong = f"{(int(code(desk, totp)) + 1) % 1_000_000:06d}"
    for _ in range(4):
        assert "more tr" in (await asked(world.alice, wrong)).text
    assert "15 minutes" in (await asked(world.alice, wrong)).text
    assert "Too many" in (await asked(world.alice, code(desk, totp))).text
    await desk.restart()
    assert "Too many" in (await asked(world.alice, code(desk, totp))).text
    desk.clock.advance(15 * 60 + 1)
    await asked(world.alice, "/keys add binance")
    assert "exactly these boxes" in (await asked(world.alice, code(desk, totp))).text


async def test_where_the_operator_demands_it_no_key_comes_without(world: World, make_desk):
    desk = make_desk(ACCESS="open", SECOND_STEP="required")
    await desk.start()
    assert "/secondstep" in (await asked(world.alice, "/keys add binance")).text
    totp = await second_step(desk, world.alice)
    desk.clock.advance(60)
    await asked(world.alice, "/keys add binance")
    assert "exactly these boxes" in (await asked(world.alice, code(desk, totp))).text


async def test_the_lock_stops_keys_at_once_and_unlocking_asks_for_the_code(world: World, desk: Desk):
    totp = await second_step(desk, world.alice)
    desk.clock.advance(60)
    assert "Locked" in (await asked(world.alice, "/lock")).text
    assert "locked" in (await asked(world.alice, "/keys add binance")).text
    assert "6-digit code" in (await asked(world.alice, "/unlock")).text
    assert "Unlocked" in (await asked(world.alice, code(desk, totp))).text


async def test_limits_are_lowered_at_once_and_raised_by_a_code(world: World, desk: Desk):
    totp = await second_step(desk, world.alice)
    desk.clock.advance(60)
    assert "500" in (await asked(world.alice, "/limits order 500")).text
    assert "6-digit code" in (await asked(world.alice, "/limits order 900")).text
    assert "900" in (await asked(world.alice, code(desk, totp))).text
    assert "at most" in (await asked(world.alice, "/limits day 6000")).text
    assert (await desk.app.services.guards.limits(world.alice.id)).per_day == 5000


async def test_who_is_not_let_in_gets_no_key_in_not_even_by_a_typed_code(world: World, make_desk):
    desk = make_desk()
    await desk.start()
    for line in ("/keys add binance", "/code keys add binance : 123456"):
        assert "approved users" in (await asked(world.alice, line)).text


@in_chat
async def test_the_phrase_stands_where_a_key_is_asked_for(world: World):
    await asked(world.alice, "/phrase")
    assert "blue heron" in (await asked(world.alice, "blue heron")).text
    assert "blue heron" in (await asked(world.alice, "/keys add binance")).text


@in_chat
async def test_a_message_of_the_desk_about_keys_shows_no_more_than_a_fingerprint(world: World):
    login = await connected(world, world.alice)
    everything = texts(world.alice)
    assert not [part for part in (login.key, login.secret) for at in range(0, 56, 8) if part[at : at + 8] in everything]


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000"
    "000049454e44ae426082"
)
