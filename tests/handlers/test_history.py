"""/chart and /export: pictures and tables, by words in any order."""

import pytest

from bot.domain.errors import BotError
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


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("chart nosuch", "symbol.unknown"), ("chart uni", "symbol.several"), ("chart btc eth", "symbols.too_many"),
        ("chart sum_all_coins price", "chart.no_data"), ("export", "symbol.none"), ("export nosuch", "symbol.unknown"),
        ("export btc every", "every.unreadable"), ("export btc every 7x", "every.unreadable"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_said_by_its_key(room: Room, line, key):
    with pytest.raises(BotError) as told:
        await room.say(line)
    assert told.value.key == key
