"""/price and /calc over exchanges: pairs, state money, and what is said where sources disagree."""

from decimal import Decimal

import pytest

from bot.domain.errors import Unavailable, UserMistake
from bot.domain.prices import UnknownCoin
from tests.handlers.conftest import buttons


def fast(reply):
    return reply.plain.replace("\u00a0", " ").splitlines()


async def test_a_pair_costs_what_an_exchange_says_and_names_it(room):
    reply = await room.say("price eth/btc")
    assert fast(reply) == ["ETH/BTC", "0.05000 BTC", "1 ETH ≈ 0.05 BTC", "1 ETH = 0.05000 BTC · Binance · 0 s old"]
    assert buttons(reply)[:2] == ["!price ETH/BTC", "!price BTC/ETH"]
    assert "ticker ETH/BTC" in buttons(reply)


async def test_turned_round_it_is_the_same_price(room):
    assert fast(await room.say("price btc/eth"))[1:3] == ["20.00 ETH", "1 BTC ≈ 20 ETH"]


@pytest.mark.parametrize("line", ["price btc eur", "price BTC/EUR", "p btc,eur"])
async def test_state_money_is_what_exchanges_trade_it_for(room, line):
    assert fast(await room.say(line))[1] == "55,000.00 EUR"


async def test_a_way_over_others_is_told(room):
    lines = fast(await room.say("price doge eur"))
    assert lines[-1] == "Way: via USDT → BTC, Binance"
    assert lines[2] == "1 DOGE ≈ 0.114583 EUR"


async def test_what_no_exchange_lists_goes_through_dollars_and_says_so(room):
    room.exchanges["binance"].prices["USDT/EUR"] = Decimal("0.9")
    room.shelf.coins.append(("USDT", "USDT", "Tether", "1", "100000"))
    lines = fast(await room.say("price dust eur"))
    assert lines[2] == "1 DST ≈ 0.00000009 EUR"
    assert "1 DST = 0.0₆1000 USD · Shelf · 0 s old" in lines
    assert lines[-1] == "Way: via USD → USDT, Shelf, Binance"


async def test_a_pair_in_dollars_is_the_coins_own_card(room):
    assert fast(await room.say("price btc usd"))[0] == "Bitcoin · BTC · #—"
    assert not room.exchanges["binance"].asked


async def test_two_coins_side_by_side_are_still_a_table(room):
    lines = fast(await room.say("price btc eth"))
    assert [line.split()[0] for line in lines[:2]] == ["BTC", "ETH"]


async def test_coins_and_pairs_may_stand_in_one_list(room):
    reply = await room.say("price btc eth/btc eth/usd, doge/eur")
    lines = fast(reply)
    assert [line.split()[0] for line in lines[:2]] == ["BTC", "ETH"]
    assert lines[-2:] == [
        "1 ETH = 0.05000 BTC · Binance · 0 s old",
        "1 DOGE = 0.1146 EUR · Binance · 0 s old",
    ]
    assert buttons(reply) == ["!price BTC ETH/BTC ETH/USD DOGE/EUR"]
    assert fast(await room.say(buttons(reply)[0].removeprefix("!"))) == lines


async def test_pairs_alone_make_a_list_and_one_that_is_none_hides_no_other(room):
    lines = fast(await room.say("price eth/btc nosuch/btc btc/eur"))
    assert lines[0].startswith("1 ETH = 0.05000 BTC")
    assert "NOSUCH" in lines[1]
    assert lines[2].startswith("1 BTC = 55,000.00 EUR")


async def test_with_every_exchange_down_a_pair_comes_through_dollars(room):
    for exchange in room.exchanges.values():
        exchange.down()
    lines = fast(await room.say("price eth/btc"))
    assert lines[1:] == ["0.05000 BTC", "1 ETH ≈ 0.05 BTC", "1 ETH = 3,000.00 USD · Shelf · 0 s old",
                         "1 BTC = 60,000.00 USD · Shelf · 0 s old", "Way: via USD, Shelf"]  # fmt: skip
    with pytest.raises(Unavailable):
        await room.say("price btc eur")


async def test_state_money_nobody_trades_is_not_guessed(room):
    with pytest.raises(UserMistake) as told:
        await room.say("price btc chf")
    assert told.value.key == "rate.none"


async def test_a_word_with_a_dash_is_a_coin_first_and_then_two(room):
    assert fast(await room.say("price eth-btc"))[0] == "ETH/BTC"
    with pytest.raises(UnknownCoin):
        await room.say("price nosuch")


async def test_a_sum_goes_by_any_way_there_is(room):
    reply = await room.say("calc 110 eur btc")
    assert fast(reply)[:3] == ["110 EUR", "≈ 0.002 BTC", "1 EUR ≈ 0.0000181818 BTC"]
    assert buttons(reply) == ["!calc 110 eur btc", "!calc 110 btc eur"]


async def test_a_sum_of_coins_still_asks_no_exchange(room):
    await room.say("calc 1.5 btc eth")
    assert not room.exchanges["binance"].asked


async def test_a_coin_of_another_name_is_not_taken_for_the_exchanges(room):
    room.exchanges["binance"].prices["UNI/USDT"] = Decimal(6)
    await room.say("pick UNI UNICORN price UNI")
    lines = fast(await room.say("price uni/btc"))
    assert "1 UNI = 0.04000 USD · Shelf · 0 s old" in lines


async def test_sources_that_disagree_are_named_and_near_ones_are_not(room):
    binance = room.exchanges["binance"]
    await room.say("ticker btc/usdt")
    assert "disagree" not in (await room.say("price btc")).plain
    binance.prices["BTC/USDT"] = Decimal(61380)
    room.clock.advance(61)
    assert fast(await room.say("price btc"))[-1] == "⚠️ Sources disagree by 2.3%: Binance say 61,380.00 USDT"
    binance.prices["BTC/USDT"] = Decimal(60500)
    room.clock.advance(61)
    assert "disagree" not in (await room.say("price btc")).plain


async def test_before_anybody_has_used_an_exchange_a_price_asks_none(room):
    await room.say("price btc")
    assert not any(exchange.asked for exchange in room.exchanges.values())


async def test_an_exchange_that_hangs_does_not_hold_up_a_price(room):
    await room.say("ticker btc/usdt")
    room.clock.advance(61)
    room.exchanges["binance"].open.clear()
    assert "Bitcoin" in (await room.say("price btc")).plain
    room.exchanges["binance"].open.set()
