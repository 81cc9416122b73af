"""/alert, /alerts and /delalert."""

import pytest

from bot.domain.errors import UserMistake
from bot.domain.prices import UnknownCoin
from tests.handlers.conftest import ADMIN, ANN, Room, buttons


async def own(room: Room, who: int = ANN):
    return await room.services.alerts.of(await room.users.meet(who, ""))


async def refused(room: Room, line: str, who: int = ANN) -> UserMistake:
    with pytest.raises(UserMistake) as told:
        await room.answer(line, who)
    return told.value


async def test_a_line_is_set_and_repeated_in_words_with_its_distance(room: Room):
    said = await room.say("alert btc > 70000 repeat 1h until fri")
    assert said.plain.splitlines() == [
        "🔔 I will tell you: BTC above $70,000.",
        "Now $60,000.00; to the line: ▲\u00a0+16.67%.",
        "Data: Shelf · 0 s old",
        "Every time, at most once in 1 h.",
        "Until Nov 27, 23:59 UTC (in 6 d).",
    ]
    assert buttons(said) == ["alerts edit 1", "delalert 1", "!alerts", "settings zone"]
    await room.answer("settings zone Europe/Berlin")
    assert "settings zone" not in buttons(await room.say("alert btc > 80000 until fri"))


async def test_alone_it_says_how_and_a_coin_alone_gets_lines_to_choose_from_that_all_work(room: Room):
    how = await room.say("alert")
    assert "/alert btc +5% 1h" in how.plain
    for data in buttons(how)[:2]:
        assert (await room.say(data.removeprefix("!"))).buttons
    choices = buttons(await room.say("alert btc"))
    assert "alert BTC > 61200" in choices
    assert await own(room) == []
    lines = [data for data in choices if data.startswith("alert ")]
    for line in lines:
        assert "I will tell you" in (await room.say(line)).plain
    assert len(await own(room)) == len(lines) == 8


async def test_the_whole_market_gets_lines_too(room: Room):
    """On the shelf all coins are worth 1000."""
    choices = buttons(await room.say("alert total"))
    assert "alert total > 1020" in choices
    assert "Total cap above $1.05K" in (await room.say("alert total > 1050")).plain
    assert "I will tell you" in (await room.say(next(data for data in choices if "%" in data))).plain


async def test_without_a_side_the_price_decides_which(room: Room):
    assert "above $70,000" in (await room.say("alert btc 70000")).plain
    assert "below $50,000" in (await room.say("alert btc 50k")).plain
    room.shelf.coins.append(("NIL", "NIL", "Nothing known", None, "5"))
    room.clock.advance(3600)
    assert (await refused(room, "alert nil 5")).key == "alert.which_side"


async def test_one_of_several_coins_is_asked_for_and_its_button_sets_it(room: Room):
    picker = await room.say("alert uni>7 repeat 1h")
    assert "Which UNI" in picker.plain
    chosen = next(data for data in buttons(picker) if "=UNICORN" in data and "pick" not in data)
    assert chosen == "!alert =UNICORN > 7 repeat 1h"
    await room.say(chosen.removeprefix("!"))
    assert [one.asset.symbol for one in await own(room)] == ["UNICORN"]


async def test_a_coin_nobody_knows_has_the_closest_ones_behind_buttons(room: Room):
    unknown = await room.say("alert bitcoinn > 70000")
    assert "alert BTC > 70000" in buttons(unknown)
    with pytest.raises(UnknownCoin):
        await room.say("alert bitcoinn")


async def test_a_coin_of_a_name_of_two_words_is_one(room: Room):
    await room.say("alert nova protocol＞7 repeat 1h")
    await room.say("alerts edit 1 nova protocol > 8")
    assert [(one.asset.symbol, one.wants.target) for one in await own(room)] == [("NOVAPRO", 8)]
    assert "=NOVAPRO" in buttons(await room.say("alert nova protocol"))[0]


async def test_what_holds_already_offers_the_other_side(room: Room):
    told = await refused(room, "alert btc > 50000")
    ((_, line),) = told.suggestions
    assert "below $50,000" in (await room.say(line)).plain


async def test_the_list_has_every_alert_with_two_buttons_and_pages(room: Room):
    assert "no alerts" in (await room.say("alerts")).plain
    for n in range(1, 14):
        await room.say(f"alert btc > {70_000 + n}")
    await room.say("alert btc > 80000", ADMIN)
    first = await room.say("alerts")
    assert first.plain.splitlines()[:2] == ["Your alerts · 13 of 50", "1 · BTC above $70,001"]
    assert buttons(first)[:4] == ["alerts edit 1", "!delalert 1", "alerts edit 2", "!delalert 2"]
    assert buttons(first)[-2:] == ["alert", "!alerts 2"]
    assert len((await room.say("alerts 2")).plain.splitlines()) == 4
    assert (await room.say("myalerts 99")).plain == (await room.say("alerts 2")).plain


async def test_edit_asks_and_the_next_line_is_the_new_one(room: Room):
    await room.say("alert btc > 70000 repeat 2h")
    asked = await room.say("alerts edit 1")
    assert "BTC > 70000 repeat 2h" in asked.plain
    assert await room.services.dialogs.pending(ANN, ANN) == "alerts edit 1"
    said = await room.say("alerts edit 1 72k")
    assert said.plain.startswith("🔔 From now on: BTC above $72,000.")
    assert await room.services.dialogs.pending(ANN, ANN) == ""
    (alert,) = await own(room)
    assert (alert.id, alert.wants.repeat_s) == (1, 7200)
    assert "BTC below $50,000" in (await room.say("alerts edit 1 btc < 50000 until 3d")).plain
    assert "BTC up 5% within 1 h" in (await room.say("alerts edit 1 +5% 1h")).plain
    assert (await refused(room, "alerts edit 1 eth > 5000")).key == "alert.other_coin"


async def test_an_unreadable_new_line_leaves_the_question_open(room: Room):
    await room.say("alert btc > 70000")
    await room.say("alerts edit 1")
    assert (await refused(room, "alerts edit 1 soon maybe")).key == "amount.unreadable"
    assert await room.services.dialogs.pending(ANN, ANN) == "alerts edit 1"


async def test_delete_says_what_went_and_undo_brings_it_back(room: Room):
    await room.say("alert btc > 70000")
    deleted = await room.say("delalert #1")
    assert deleted.plain == "✅ Alert 1 is deleted: BTC above $70,000."
    assert await own(room) == []
    undo = buttons(deleted)[0]
    assert undo == "!alerts again 1"
    assert "BTC above $70,000" in (await room.say(undo.removeprefix("!"))).plain
    assert len(await own(room)) == 1
    assert (await room.say("delalert")).plain == (await room.say("alerts")).plain


async def test_anothers_number_is_nobodys(room: Room):
    await room.say("alert btc > 70000", ADMIN)
    for line in ("delalert 1", "alerts edit 1", "alerts edit 1 5k", "alerts again 1"):
        assert (await refused(room, line)).key == "alert.unknown"
    for line in ("delalert x", "delalert 0", "alerts edit", "alerts again", "alerts soon"):
        assert (await refused(room, line)).key == "number.unreadable"
    assert len(await own(room, ADMIN)) == 1
