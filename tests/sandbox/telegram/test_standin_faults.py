"""Faults on request, and Telegram's rates."""

import asyncio
import time

import aiohttp
import pytest
from standin_api import Api, Aside, until

from bot.sandbox.telegram import Person, TelegramStandIn
from bot.sandbox.telegram.limits import Rates
from bot.sandbox.telegram.refusals import Refusal


def from_bot(person: Person) -> list[str]:
    return [message.text for message in person.messages() if message.wire["from"]["is_bot"]]


async def test_429_carries_retry_after_in_body_and_header(
    api: Api, alice: Person, standin: TelegramStandIn, session: aiohttp.ClientSession
) -> None:
    standin.tg.faults.add("retry_after", method="sendMessage", retry_after=7)
    async with session.post(api.at("sendMessage"), data={"chat_id": 1001, "text": "x"}) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert await answer.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 7",
            "parameters": {"retry_after": 7},
        }
    assert from_bot(alice) == []
    await api.fine("sendMessage", chat_id=1001, text="x")


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        ("500", 500, "application/json"),
        ("502", 502, "text/html"),
        ("html", 200, "text/html"),
        ("blocked", 403, "application/json"),
        ("unauthorized", 401, "application/json"),
    ],
)
async def test_bad_answers_do_nothing_unless_told_to(
    api: Api,
    alice: Person,
    standin: TelegramStandIn,
    session: aiohttp.ClientSession,
    kind: str,
    status: int,
    content_type: str,
) -> None:
    standin.tg.faults.add(kind)
    standin.tg.faults.add(kind, executed=True)
    for said in ([], ["x"]):
        async with session.post(api.at("sendMessage"), data={"chat_id": 1001, "text": "x"}) as answer:
            assert (answer.status, answer.content_type) == (status, content_type)
        assert from_bot(alice) == said


@pytest.mark.parametrize(("kind", "said"), [("lost", ["x"]), ("refused", []), ("cut", ["x"])])
async def test_cut_connections_say_whether_the_message_was_sent_only_to_the_test(
    api: Api, alice: Person, standin: TelegramStandIn, kind: str, said: list[str]
) -> None:
    standin.tg.faults.add(kind, method="sendmessage")
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await api.call("sendMessage", chat_id=1001, text="x")
    assert from_bot(alice) == said
    assert standin.requests[-1].status == 0
    await api.fine("sendMessage", chat_id=1001, text="again")


async def test_uploads_can_be_lost_too(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    standin.tg.faults.add("lost")
    form = aiohttp.FormData({"chat_id": "1001"})
    form.add_field("document", b"a,b", filename="t.csv")
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await api.session.post(api.at("sendDocument"), data=form)
    assert alice.messages()[-1].file == b"a,b"


async def test_a_slow_answer_holds_up_nobody_else(
    aside: Aside, api: Api, alice: Person, standin: TelegramStandIn
) -> None:
    standin.tg.faults.add("slow", delay_s=30)
    slow = aside(api.call("sendMessage", chat_id=1001, text="slow"))
    await alice.wait(lambda seen: seen.text == "slow")
    await api.fine("sendMessage", chat_id=1001, text="quick")
    assert not slow.done()
    slow.cancel()


@pytest.mark.usefixtures("alice")
async def test_a_fault_strikes_only_where_it_is_aimed(api: Api, bob: Person, standin: TelegramStandIn) -> None:
    bob.send("/start")
    standin.tg.faults.add("500", method="sendMessage", chat=1002, times=2)
    await api.fine("getMe")
    await api.fine("sendMessage", chat_id=1001, text="x")
    for _ in range(2):
        assert (await api.refused("sendMessage", chat_id=1002, text="x"))[0] == 500
    await api.fine("sendMessage", chat_id=1002, text="x")


@pytest.mark.usefixtures("alice")
async def test_a_fault_without_a_number_stays_until_it_is_removed(api: Api, standin: TelegramStandIn) -> None:
    fault = standin.tg.faults.add("500", times=None)
    for _ in range(3):
        assert (await api.refused("getMe"))[0] == 500
    standin.tg.faults.remove(fault.id)
    await api.fine("getMe")


async def test_while_down_every_connection_ends_and_the_parked_poll_too(
    aside: Aside, api: Api, alice: Person, standin: TelegramStandIn
) -> None:
    poll = aside(api.call("getUpdates", timeout=50))
    await until(lambda: standin.bot().updates.polling)
    standin.down()
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await poll
    with pytest.raises((aiohttp.ClientError, ConnectionError)):
        await api.call("sendMessage", chat_id=1001, text="x")
    alice.send("are you there?")
    assert (await api.ask_desk("faults"))["down"] is True
    standin.down(down=False)
    assert len(await api.fine("getUpdates")) == 1
    assert from_bot(alice) == []


def test_an_unknown_fault_is_refused_with_the_known_ones(standin: TelegramStandIn) -> None:
    with pytest.raises(ValueError, match="retry_after"):
        standin.tg.faults.add("explode")


async def test_a_delay_holds_every_answer(session: aiohttp.ClientSession) -> None:
    standin = TelegramStandIn(tokens=["42:secret"], delays={"*": 0.2})
    api = Api(session, await standin.start())
    try:
        standin.person("alice").send("/start")
        began = time.monotonic()
        await asyncio.gather(*(api.fine("sendMessage", chat_id=1001, text=str(i)) for i in range(20)))
        took_s = time.monotonic() - began
        assert took_s >= 0.2
        assert len(await api.fine("getUpdates")) == 1
    finally:
        await standin.stop()


async def test_the_rate_in_one_chat_is_answered_with_429(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    standin.tg.rates.set(on=True, chat_burst=3)
    for _ in range(3):
        await api.fine("sendMessage", chat_id=1001, text="x")
    assert await api.refused("sendMessage", chat_id=1001, text="x") == (429, "Too Many Requests: retry after 1")
    assert len(from_bot(alice)) == 3
    standin.tg.clock.advance(1)
    await api.fine("sendMessage", chat_id=1001, text="x")


def sends(rates: Rates, chat: int, now: float, count: int) -> int:
    """How many pass at one moment."""
    passed = 0
    for _ in range(count):
        try:
            rates.spend(42, chat, 1, now)
        except Refusal:
            break
        passed += 1
    return passed


def test_a_group_takes_20_a_minute_edits_included() -> None:
    rates = Rates(chat_burst=100, chat_per_s=100)
    rates.heard(42, -5, 0)
    assert sends(rates, -5, 0, 19) == 19
    rates.spend_edit(42, -5, 1)
    with pytest.raises(Refusal) as refusal:
        rates.spend(42, -5, 1, 20)
    assert refusal.value.parameters == {"retry_after": 40}
    assert sends(rates, -5, 60, 30) == 19


def test_bulk_is_bound_to_30_a_second_and_answers_are_not() -> None:
    rates = Rates()
    assert sum(sends(rates, chat, 0, 1) for chat in range(1, 101)) == 30
    for chat in range(201, 301):
        rates.heard(42, chat, 0)
    assert sum(sends(rates, chat, 0, 1) for chat in range(201, 301)) == 100
    assert sum(sends(rates, chat, 1, 1) for chat in range(101, 201)) == 30


def test_a_refused_message_costs_nothing() -> None:
    rates = Rates(chat_burst=1)
    assert sends(rates, 1, 0, 5) == 1
    assert sends(rates, 1, 1, 5) == 1


def test_rates_switched_off_bind_nobody() -> None:
    assert sends(Rates(on=False), 1, 0, 1_000) == 1_000


def test_rates_cannot_be_set_to_nonsense() -> None:
    rates = Rates()
    for wrong in ({"chat_per_s": 0}, {"speed": 3}, {"bulk_per_s": "fast"}):
        with pytest.raises(ValueError, match="cannot be set"):
            rates.set(**wrong)
    assert rates.settings() == Rates().settings()


def test_two_bots_have_budgets_of_their_own() -> None:
    rates = Rates(chat_burst=1)
    rates.spend(42, 1, 1, 0)
    rates.spend(43, 1, 1, 0)
    with pytest.raises(Refusal):
        rates.spend(42, 1, 1, 0)
