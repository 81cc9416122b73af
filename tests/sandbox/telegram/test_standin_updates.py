"""getUpdates: parking, confirming, conflicts, expiry."""

import pytest
from standin_api import Api, Aside, until

from bot.sandbox.telegram import Person, TelegramStandIn
from bot.sandbox.telegram.updates import MOST_QUEUED

OTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def parked(standin: TelegramStandIn) -> None:
    await until(lambda: standin.bot().updates.polling)


async def test_a_poll_parks_until_somebody_speaks(
    aside: Aside, api: Api, alice: Person, standin: TelegramStandIn
) -> None:
    poll = aside(api.fine("getUpdates", timeout=50))
    await parked(standin)
    assert not poll.done()
    update_id = alice.send("/price BTC")
    [update] = await poll
    assert update["update_id"] == update_id
    assert update["message"]["text"] == "/price BTC"
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


async def test_an_offset_confirms_what_is_below_it(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    ids = [alice.send(text) for text in ("one", "two", "three")]
    assert [u["update_id"] for u in await api.fine("getUpdates")] == ids
    assert [u["update_id"] for u in await api.fine("getUpdates", offset=ids[1])] == ids[1:]
    assert standin.pending() == 2
    assert await api.fine("getUpdates", offset=ids[2] + 1) == []
    assert standin.pending() == 0


async def test_without_an_offset_nothing_is_confirmed(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    alice.send("hello")
    await api.fine("getUpdates")
    await api.fine("getUpdates")
    assert standin.pending() == 1


async def test_a_negative_offset_keeps_the_last_and_forgets_the_rest(
    api: Api, alice: Person, standin: TelegramStandIn
) -> None:
    ids = [alice.send(str(i)) for i in range(5)]
    assert [u["update_id"] for u in await api.fine("getUpdates", offset=-2)] == ids[-2:]
    assert standin.pending() == 2


@pytest.mark.parametrize(("limit", "served"), [(1, 1), (7, 7), (0, 1), (1000, 100)])
async def test_limits_are_held_between_1_and_100(api: Api, alice: Person, limit: int, served: int) -> None:
    for i in range(110):
        alice.send(str(i))
    assert len(await api.fine("getUpdates", limit=limit)) == served


async def test_the_same_offset_at_once_serves_one_update(api: Api, alice: Person) -> None:
    ids = [alice.send(str(i)) for i in range(3)]
    assert len(await api.fine("getUpdates", offset=ids[0])) == 3
    assert len(await api.fine("getUpdates", offset=ids[0])) == 1


async def test_a_second_poller_ends_the_first(aside: Aside, api: Api, alice: Person, standin: TelegramStandIn) -> None:
    first = aside(api.refused("getUpdates", timeout=50))
    await parked(standin)
    second = aside(api.fine("getUpdates", timeout=50, offset=1))
    assert await first == (409, OTHER)
    alice.send("hello")
    assert len(await second) == 1


async def test_a_poller_that_died_is_no_rival(aside: Aside, api: Api, alice: Person, standin: TelegramStandIn) -> None:
    first = aside(api.fine("getUpdates", timeout=50))
    await parked(standin)
    first.cancel()
    await until(lambda: not standin.bot().updates.polling)
    alice.send("hello")
    assert len(await api.fine("getUpdates", timeout=50)) == 1


async def test_updates_expire_after_a_day(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    alice.send("old")
    standin.tg.clock.advance(86_399)
    kept = alice.send("new")
    standin.tg.clock.advance(1)
    assert [u["update_id"] for u in await api.fine("getUpdates")] == [kept]


async def test_only_allowed_kinds_are_queued_from_then_on(api: Api, alice: Person) -> None:
    alice.send("before")
    await api.fine("getUpdates", allowed_updates=["edited_message"])
    alice.send("after")
    alice.edit(alice.messages()[-1], "changed")
    updates = await api.fine("getUpdates", offset=1)
    assert [next(k for k in u if k != "update_id") for u in updates] == ["message", "edited_message"]
    assert updates[-1]["edited_message"]["text"] == "changed"


async def test_a_batch_can_be_served_again(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    update_id = alice.send("once")
    await api.fine("getUpdates", offset=update_id + 1)
    standin.redeliver(update_id)
    assert [u["update_id"] for u in await api.fine("getUpdates", offset=update_id + 1, timeout=5)] == [update_id]
    assert await api.fine("getUpdates", offset=update_id + 2) == []


def test_an_update_never_seen_cannot_be_served_again(standin: TelegramStandIn) -> None:
    with pytest.raises(ValueError, match="not remembered"):
        standin.redeliver(1)


async def test_a_raw_update_brings_its_people_into_being(api: Api, standin: TelegramStandIn) -> None:
    sender = {"id": 555, "is_bot": False, "first_name": "Eve", "language_code": "de"}
    message = {"message_id": 1, "from": sender, "chat": {"id": 555, "type": "private"}, "date": 1, "text": "hi"}
    update_id = standin.inject({"message": message})
    assert (await api.fine("getUpdates"))[0] == {"update_id": update_id, "message": message}
    assert (await api.fine("sendMessage", chat_id=555, text="hello"))["chat"]["first_name"] == "Eve"


async def test_the_queue_is_bounded(standin: TelegramStandIn, alice: Person) -> None:
    assert MOST_QUEUED > 100_000
    queue = standin.bot().updates.queued
    alice.send("one")
    queue.extend([queue[0]] * (MOST_QUEUED - 1))
    with pytest.raises(ValueError, match="waiting already"):
        alice.send("one too many")


async def test_queues_of_two_bots_are_apart(api: Api, alice: Person, standin: TelegramStandIn) -> None:
    standin.add_bot("43:other", "other_bot")
    other = Api(api.session, api.url, "43:other")
    alice.send("for the other", bot="other_bot")
    assert await api.fine("getUpdates") == []
    assert len(await other.fine("getUpdates")) == 1
    assert (await other.fine("getMe"))["username"] == "other_bot"


async def test_an_unknown_token_and_an_unknown_method_are_told_apart(api: Api) -> None:
    assert await Api(api.session, api.url, "77:nobody").refused("getMe") == (401, "Unauthorized")
    assert await Api(api.session, api.url, "nonsense").refused("getMe") == (404, "Not Found")
    assert await api.refused("sendNothing") == (404, "Not Found")
    assert (await api.fine("GETME"))["id"] == 42
