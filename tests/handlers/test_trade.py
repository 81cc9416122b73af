"""/buy, /sell and /trade: which pair, which asset the number counts in, which step comes next."""

import pytest

from bot.domain.errors import NotOffered, UserMistake
from bot.views import errors
from tests.exchange_shelf import market
from tests.handlers.conftest import ANN, Room, buttons


async def card(room: Room, line: str) -> str:
    return (await room.say(line)).plain


@pytest.mark.parametrize(
    "line",
    [
        "buy 0.01 btc/usdt @ 59000",
        "buy 0.01 BTC-USDT @59000",
        "buy 0.01 btcusdt @ 59000",
        "buy 0.01 btc usdt @ 59000",
        "buy 0.01 btc btc/usdt @ 59k",
        "buy 0.01 btc @ 59000",
        "buy 0.01 btc/usdt limit @ 59000 on binance",
        "buy 590 usdt btc/usdt @ 59000",
        "buy 590 usdt btc usdt @ 59000",
        "buy 590 usdt btc @ 59000",
    ],
)
async def test_one_order_can_be_said_in_many_ways(room: Room, line):
    await room.holds()
    assert "BUY 0.01 BTC at limit 59000 USDT" in await card(room, line)


async def test_a_share_of_a_sell_is_of_the_base_and_of_a_buy_of_the_quote(room: Room):
    await room.holds()
    assert "SELL 0.01 BTC" in await card(room, "sell 2% btc/usdt")
    assert "BUY" in (shown := await card(room, "buy 50% btc/usdt"))
    assert "500" in shown or "499" in shown


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("buy 100 eth btc/usdt", "order.unit"),
        ("buy $100 btc/usdt", "order.dollars"),
        ("buy 25% btc btc/usdt", "order.how"),
        ("buy 1 nosuch/usdt", "pair.unknown"),
        ("buy 1 btc/usdt on kraken", "vendor.unknown"),
        ("buy", "order.how"),
        ("confirm", "intent.no_such"),
        ("confirm 1 2", "intent.no_such"),
    ],
)
async def test_what_cannot_be_meant_is_said_by_its_key(room: Room, line, key):
    await room.holds()
    with pytest.raises(UserMistake) as told:
        await room.say(line)
    assert told.value.key == key


async def test_dollars_are_offered_in_what_one_pays_with(room: Room):
    await room.holds()
    with pytest.raises(UserMistake) as told:
        await room.say("buy $100 btc/usdt")
    ((text, line),) = told.value.suggestions
    assert (text, line) == ("100 USDT", "buy 100 USDT BTC/USDT")
    assert "BUY" in await card(room, line)


async def test_a_key_is_meant_by_its_own_name_too(room: Room):
    await room.holds("binance", label="savings")
    await room.holds("bitfinex")
    assert "savings" in await card(room, "buy 0.01 btc/usdt on savings")


async def test_without_a_key_nothing_is_offered(room: Room):
    with pytest.raises(UserMistake):
        await room.say("buy 0.01 btc/usdt")
    with pytest.raises(UserMistake):
        await room.say("trade")


async def test_the_steps_lead_from_nothing_to_a_card(room: Room):
    account = await room.holds("binance")
    await room.holds("bitfinex")
    step = await room.say("trade")
    assert [line for line in buttons(step) if "binance" in line] == ["!trade binance"]
    step = await room.say("trade binance")
    assert "!trade binance BTC/USDT" in buttons(step)
    step = await room.say("trade binance BTC/USDT")
    assert buttons(step)[:2] == ["!trade binance BTC/USDT buy", "!trade binance BTC/USDT sell"]
    assert "!trade binance" in buttons(step)
    step = await room.say("trade binance BTC/USDT sell")
    assert "!trade binance BTC/USDT sell 25%" in buttons(step)
    step = await room.say("trade binance BTC/USDT sell 2%")
    assert "!trade binance BTC/USDT sell 2% market" in buttons(step)
    assert await room.services.dialogs.pending(ANN, ANN) == "trade binance BTC/USDT sell 2%"
    done = await room.say("trade binance BTC/USDT sell 2% 61000")
    assert "SELL 0.01 BTC at limit 61000 USDT" in done.plain
    assert await room.services.dialogs.pending(ANN, ANN) == ""
    assert account.placed == []


async def test_a_typed_line_answers_each_step(room: Room):
    await room.holds("binance")
    for line in ("trade", "btc usdt", "buy", "590 usdt"):
        await room.say(" ".join(filter(None, [await room.services.dialogs.pending(ANN, ANN), line])))
    done = await room.say(f"{await room.services.dialogs.pending(ANN, ANN)} 59000")
    assert "BUY 0.01 BTC at limit 59000 USDT" in done.plain


async def test_a_step_that_was_answered_wrongly_is_still_open(room: Room):
    await room.holds("binance")
    await room.say("trade binance BTC/USDT buy")
    with pytest.raises(UserMistake):
        await room.say("trade binance BTC/USDT buy x1")
    assert await room.services.dialogs.pending(ANN, ANN) == "trade binance BTC/USDT buy"


async def test_margin_is_offered_where_the_pair_has_it_and_stays_chosen(room: Room):
    await room.holds("bitfinex")
    shelf = room.exchanges["bitfinex"]
    step = await room.say("trade bitfinex BTC/USDT")
    assert not [line for line in buttons(step) if "margin" in line]
    shelf.rules["BTC/USDT"] = market("BTC/USDT", margin=True)
    room.clock.advance(3601)
    step = await room.say("trade bitfinex BTC/USDT")
    assert "!trade bitfinex BTC/USDT buy margin" in buttons(step)
    done = await room.say("trade bitfinex BTC/USDT buy margin 0.002 market")
    assert "on margin" in done.plain


async def test_every_button_of_every_step_fits(room: Room):
    await room.holds("bitfinex")
    for words in ("", " bitfinex", " bitfinex BTC/USDT:USDT"):
        assert all(len(line.encode()) <= 64 for line in buttons(await room.say(f"trade{words}")))


async def test_the_wallet_of_an_edit_is_kept(room: Room):
    await room.holds("bitfinex")
    room.exchanges["bitfinex"].rules["BTC/USDT"] = market("BTC/USDT", margin=True)
    shown = await room.say("buy 0.002 btc/usdt margin @ 59000 on bitfinex")
    edit = next(line for line in buttons(shown) if line.startswith("!trade"))
    assert edit == "!trade bitfinex BTC/USDT buy margin"
    assert "!trade bitfinex BTC/USDT buy margin 25%" in buttons(await room.say(edit.removeprefix("!")))


async def test_what_cannot_be_offered_says_that_nothing_was_sent_and_offers_what_can(room: Room):
    await room.holds()
    await room.say("limits order 500")
    for line, what in (("buy 0.01 btc/usdt @ 59000", "above your limit"), ("buy 0.00001 btc/usdt", "Too small")):
        with pytest.raises(NotOffered) as told:
            await room.say(line)
        reply = errors.of(told.value, (await room.call("help")).texts)
        assert what in reply.plain
        assert "Nothing was sent and no money was moved." in reply.plain
        nearest, *rest = buttons(reply)
        assert rest == (["limits"] if "limit" in what else [])
        assert "BUY" in await card(room, nearest)
