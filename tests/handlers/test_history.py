"""/chart and /export: pictures and tables, by words in any order."""

import pytest

from bot.domain.errors import BotError, UserMistake
from tests.handlers.conftest import Room, buttons


async def test_a_chart_is_a_picture_with_switches_for_the_same_coin(room: Room):
    card = await room.say("chart 30d nva cap")
    assert card.picture.content.startswith(b"\x89PNG")
    assert card.plain.startswith("NVA")
    assert room.shelf.calls("series") == [("NOVA", "30d", "cap", "md")]
    words = {data.removeprefix("!").split()[1] for data in buttons(card)}
    assert words == {"NVA"}


async def test_a_table_holds_what_was_asked_for_and_names_what_is_missing(room: Room):
    done = await room.say("export btc,eth nosuch 7d price,cap every 1h")
    assert done.document.name.endswith(".csv")
    head = done.document.content.decode().splitlines()[0]
    assert "BTC_price" in head
    assert "ETH_cap" in head
    assert "NOSUCH" in done.plain
    assert {call[-3:] for call in room.shelf.calls("series")} == {("7d", "price", "md"), ("7d", "cap", "md")}


async def test_a_table_of_the_whole_market_is_of_its_cap(room: Room):
    done = await room.say("export sum_all_coins 1y parquet")
    assert done.document.name.endswith(".parquet")
    assert done.document.content.startswith(b"PAR1")
    assert room.shelf.calls("series") == [("SUM_ALL_COINS", "1y", "cap", "md")]


async def test_where_no_field_is_named_the_whole_market_has_a_column_beside_prices(room: Room):
    done = await room.say("export btc,eth,sum_all_coins")
    head = done.document.content.decode().splitlines()[0]
    assert head == "time,BTC_price,ETH_price,SUM_ALL_COINS_cap"


async def test_a_table_says_which_coin_is_in_a_column_called_otherwise(room: Room):
    done = await room.say("export nva,nova,btc")
    assert done.document.content.decode().splitlines()[0] == "time,NOVA_price,NOVAPRO_price,BTC_price"
    assert "In the columns: NVA = Novarium (NOVA), NOVA = Nova Protocol (NOVAPRO)" in done.plain.splitlines()


async def test_two_words_for_one_coin_are_one_column(room: Room):
    done = await room.say("export btc,bitcoin")
    assert done.document.content.decode().splitlines()[0] == "time,BTC_price"


async def test_a_table_of_nothing_names_what_there_is_nothing_of(room: Room):
    with pytest.raises(UserMistake) as told:
        await room.say("export sum_all_coins price")
    assert told.value.values == {"missing": ("SUM_ALL_COINS_price",)}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("chart nosuch", "symbol.unknown"), ("chart uni", "symbol.several"), ("chart btc eth", "symbols.too_many"),
        ("chart sum_all_coins price", "price.whole_market"), ("export", "symbol.none"),
        ("export nosuch", "symbol.unknown"), ("chart 2d", "period.unknown"),
        ("export uni", "symbol.several"), ("export btc,uni 1y", "symbol.several"),
        ("export btc every", "every.unreadable"), ("export btc every 7x", "every.unreadable"),
        ("chart btc 2d", "period.unknown"), ("chart btc 1h", "period.unknown"), ("chart 5天 btc", "period.unknown"),
        ("export btc,eth 5d", "period.unknown"), ("chart btc 1d 7d", "symbols.too_many"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_said_by_its_key(room: Room, line, key):
    with pytest.raises(BotError) as told:
        await room.say(line)
    assert told.value.key == key


async def test_a_coin_of_that_very_ticker_wins_over_a_period_that_there_is_not(room: Room):
    room.shelf.coins += [("2D", "2D", "Two D", "1", "1"), ("1INCH", "1INCH", "1inch", "1", "1")]
    assert (await room.say("chart 2d 30d")).plain.startswith("2D")
    assert (await room.say("chart 1inch")).plain.startswith("1INCH")
    assert "2D_price" in (await room.say("export btc,2d 7d")).document.content.decode()


async def test_a_name_of_two_words_is_one_coin_beside_the_options(room: Room):
    card = await room.say("chart nova 30d protocol cap")
    assert card.plain.startswith("NOVA")
    assert room.shelf.calls("series") == [("NOVAPRO", "30d", "cap", "md")]
    assert {data.removeprefix("!").split()[1] for data in buttons(card)} == {"=NOVAPRO"}


async def test_the_chart_of_the_whole_market_has_no_button_for_a_price(room: Room):
    card = await room.say("chart sum_all_coins")
    assert {data.split()[3] for data in buttons(card)} == {"cap", "volume"}
    for data in buttons(card):
        assert (await room.say(data.removeprefix("!"))).picture
