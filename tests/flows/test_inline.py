"""`@bot btc` in any chat."""

import pytest

from tests.desk import Desk, World, asked

pytestmark = pytest.mark.usefixtures("desk")


async def test_what_is_typed_finds_cards_that_can_be_sent(world: World):
    offer = await world.alice.inline("btc")
    assert "Bitcoin" in offer.results[0]["title"]
    sent = world.alice.choose(offer)
    assert "CoinCodex" in sent.text


async def test_an_empty_query_offers_the_largest_coins(world: World):
    offer = await world.bob.inline("")
    assert len(offer.results) == 10
    assert "BTC" in offer.results[0]["title"]


async def test_an_unknown_word_offers_nothing_and_is_no_fault(world: World, told):
    assert (await world.alice.inline("zzzzzzzzzzzz")).results == []
    assert told.errors() == []


async def test_who_is_blocked_is_offered_nothing(world: World, desk: Desk):
    await asked(world.alice, "/start")
    await asked(world.admin, f"/block {world.alice.id}")
    await desk.settled()
    calls = world.calls("answerInlineQuery")
    world.telegram.inject(
        {
            "inline_query": {
                "id": "5",
                "from": world.alice.user.wire,
                "query": "btc",
                "offset": "",
                "chat_type": "sender",
            }
        }
    )
    await desk.settled()
    await asked(world.admin, "/start")
    assert world.calls("answerInlineQuery") == calls
