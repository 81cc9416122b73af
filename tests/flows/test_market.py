"""Prices, caps, sums, charts and tables, as a person types and presses them."""

import csv
import io
from decimal import Decimal

import pytest

from tests.desk import Desk, World, answered, answers, asked, card, pressed

pytestmark = pytest.mark.usefixtures("desk")

PNG = b"\x89PNG\r\n\x1a\n"


async def test_a_coin_is_answered_with_its_card(world: World):
    for typed in ("/price btc", "/p BTC", "/PRICE $btc", "/price@desk123456_bot btc", "btc", "/price"):
        answer = await asked(world.alice, typed)
        assert (typed, card("BTC")(answer)) == (typed, True)
        assert "CoinCodex" in answer.text
        assert "reply_to_message" not in answer.wire


async def test_a_name_is_understood_as_well_as_a_ticker(world: World):
    assert card("ETH")(await asked(world.alice, "ethereum"))


async def test_several_coins_are_a_table_with_a_word_about_the_unknown(world: World):
    answer = await asked(world.alice, "/price btc,eth nosuchcoin")
    lines = answer.text.splitlines()
    assert lines[0].startswith("BTC")
    assert lines[1].startswith("ETH")
    assert "NOSUCHCOIN" in answer.text


async def test_a_card_is_refreshed_where_it_stands(world: World, desk: Desk):
    first = await asked(world.alice, "/price btc")
    desk.clock.advance(40)
    again = await pressed(world.alice, first, "!price BTC")
    assert again.id == first.id
    assert "edit_date" in again.wire
    assert len(answers(world.alice)) == 1


async def test_a_refresh_that_changes_nothing_still_stops_the_button(world: World):
    first = await asked(world.alice, "/watch")
    world.alice.send("/settings")
    settings = await answered(world.alice)
    press = world.alice.press(settings, "!settings language en")
    assert await press.answer() == {"text": "", "show_alert": False, "url": ""}
    assert first.id != settings.id


async def test_an_unknown_ticker_gets_three_suggestions_that_work(world: World):
    answer = await asked(world.alice, "/price bitcoim")
    assert len(answer.labels) == 3
    assert "BTC" in answer.labels
    assert card("BTC")(await pressed(world.alice, answer, "BTC"))


@pytest.mark.parametrize("typed", ["nosuchcoinatall", "zzzz", "sloana", "binance"])
async def test_whoever_is_least_alike_three_are_offered(world: World, typed: str):
    answer = await asked(world.alice, f"/price {typed}")
    assert len(set(answer.labels)) == 3
    assert answer.labels[0] == {"sloana": "SOL", "binance": "BNB"}.get(typed, answer.labels[0])


async def test_words_are_understood_from_another_keyboard_and_in_full_names(world: World):
    for typed in ("/price \u202ebtc", "/price BTC\u200b", "/price ＢＴＣ", "ＢＴＣ", "/ｐｒｉｃｅ btc"):
        assert (typed, card("BTC")(await asked(world.alice, typed))) == (typed, True)
    assert card("BCH")(await asked(world.alice, "/price bitcoin cash"))
    assert (await asked(world.alice, "/calc 1,500.5 bitcoin cash eth")).text.startswith("1500.5 BCH")


async def test_a_mistyped_command_keeps_its_words_unless_it_moves_money(world: World):
    meant = await asked(world.alice, "/pirce eth")
    assert card("ETH")(await pressed(world.alice, meant, "/price eth"))
    assert all(label.split() == [label] for label in (await asked(world.alice, "/swpa 1 btc eth")).labels)
    assert "/sell" in (await asked(world.alice, "/sel 1 btc/usdt")).labels


async def test_a_period_that_there_is_not_is_no_coin(world: World):
    for typed in ("/chart btc 2d", "/chart btc 1h", "/export btc,eth 5d"):
        assert "1d 7d 30d 3m 1y all" in (await asked(world.alice, typed)).text


async def test_the_whole_market_has_a_cap_and_no_price(world: World):
    chart = await asked(world.alice, "/chart sum_all_coins")
    assert [label.strip("✓") for label in chart.labels][-2:] == ["cap", "volume"]
    assert "/cap" in (await asked(world.alice, "/price sum_all_coins")).labels
    whole = await asked(world.alice, "/cap sum_all_coins")
    assert whole.text.splitlines()[0] == (await asked(world.alice, "/cap")).text.splitlines()[0]


async def test_the_largest_fifty_take_two_pages(world: World):
    first = await asked(world.alice, "/cap top 50")
    second = await pressed(world.alice, first, "2 ▶")
    assert [line.split()[0] for line in second.text.splitlines()[1:-1]] == [str(rank) for rank in range(26, 51)]
    assert not any("3 ▶" in label for label in second.labels)


async def test_a_suggestion_runs_the_command_that_was_typed(world: World):
    for typed in ("/cap bitcoim", "/cap ｂｉｔｃｏｉｍ\u200b"):
        answer = await asked(world.alice, typed)
        assert "Fully diluted" in (await pressed(world.alice, answer, "BTC")).text


async def test_a_clearly_larger_coin_is_not_asked_about(world: World):
    assert "Uniswap" in (await asked(world.alice, "/price uni")).text


async def test_an_ambiguous_ticker_is_asked_about_and_the_pin_remembers(world: World):
    alice = world.alice
    question = await asked(alice, "/price orb")
    assert not card("ORB")(question)
    kept = await pressed(alice, question, "📌")
    assert "ORB" in kept.text
    assert card("ORB")(await pressed(alice, kept, kept.labels[0]))
    assert card("ORB")(await asked(alice, "/price orb"))
    assert not card("ORB")(await asked(world.bob, "/price orb"))


async def test_a_choice_without_the_pin_is_not_remembered(world: World):
    question = await asked(world.alice, "/price orb")
    assert card("ORB")(await pressed(world.alice, question, question.labels[0]))
    assert not card("ORB")(await asked(world.alice, "/price orb"))


@pytest.mark.parametrize("typed", ["/cap", "/mc", "/mcap"])
async def test_the_whole_market_is_told_with_its_largest_coins(world: World, typed):
    answer = await asked(world.alice, typed)
    assert "BTC" in answer.text
    assert "%" in answer.text
    second = await pressed(world.alice, answer, "2 ▶")
    assert second.id == answer.id
    assert " 11 " in second.text


async def test_top_turns_its_pages_in_place_and_not_past_the_end(world: World):
    first = await asked(world.alice, "/top 5")
    assert first.text.count("\n") == 6
    second = await pressed(world.alice, first, "2 ▶")
    assert second.id == first.id
    back = await pressed(world.alice, second, "◀ 1")
    assert back.text.splitlines()[1:3] == first.text.splitlines()[1:3]
    assert "whole number" in (await asked(world.alice, "/top 5 9999")).text


async def test_a_sum_is_counted_exactly(world: World):
    answer = await asked(world.alice, "/calc 2 usd usd")
    assert answer.text.splitlines()[:2] == ["2 USD", "≈ 2 USD"]


async def test_little_words_between_coins_are_not_coins(world: World):
    for typed in ("/calc 1.5 btc to eth", "/convert 1.5 btc eth", "/calc 1.5 btc = eth"):
        lines = (await asked(world.alice, typed)).text.splitlines()
        assert lines[0] == "1.5 BTC"
        assert lines[1].endswith("ETH")


async def test_a_number_with_two_readings_is_asked_about_and_not_guessed(world: World):
    question = await asked(world.alice, "/calc 1,500 btc")
    assert question.labels == ["1500", "1.500"]
    assert (await pressed(world.alice, question, "1.500")).text.splitlines()[0] in {"1.500 BTC", "1.5 BTC"}


async def test_a_chart_is_switched_picture_for_picture(world: World):
    alice = world.alice
    first = await asked(alice, "/chart btc")
    assert first.file is not None
    assert first.file.startswith(PNG)
    month = await pressed(alice, first, "30d")
    assert (month.id, "30 days" in month.text) == (first.id, True)
    assert month.file is not None
    assert month.file.startswith(PNG)
    assert month.file != first.file
    assert (await pressed(alice, month, "cap")).id == first.id
    assert len(answers(alice)) == 1
    assert (await asked(alice, "/c eth 1y volume")).file is not None


async def test_a_table_holds_the_numbers_and_names_what_is_missing(world: World):
    answer = await asked(world.alice, "/export BTC,ETH,NOSUCHCOIN 7d every 1d")
    assert answer.wire["document"]["file_name"].endswith(".csv")
    assert "NOSUCHCOIN" in answer.text
    assert answer.file is not None
    rows = list(csv.DictReader(io.StringIO(answer.file.decode())))
    assert len(rows) in {7, 8}
    assert {"BTC_price", "ETH_price"} < set(rows[0])
    assert Decimal(rows[-1]["BTC_price"]) > 0


async def test_a_watch_list_is_kept_and_shown_by_price_alone(world: World, desk: Desk):
    alice = world.alice
    assert "empty" in (await asked(alice, "/watch")).text
    assert "BTC, ETH" in (await asked(alice, "/watch btc eth")).text
    assert "BTC, ETH, SOL" in (await asked(alice, "/watch add sol")).text
    assert "BTC, SOL" in (await asked(alice, "/watch drop eth")).text
    assert [line[:3] for line in (await asked(alice, "/price")).text.splitlines()[:2]] == ["BTC", "SOL"]
    await desk.restart()
    assert "BTC, SOL" in (await asked(alice, "/watch")).text
    assert card("BTC")(await asked(world.bob, "/price"))
    assert "empty" in (await asked(alice, "/watch clear")).text


@pytest.mark.parametrize(
    "typed", ["/price btc", "/cap", "/cap btc", "/top", "/calc 1 btc", "/watch", "/help", "/start"]
)
async def test_every_command_speaks_the_reader_s_language(world: World, typed):
    english, chinese = await asked(world.alice, typed), await asked(world.bob, typed)
    assert not any("一" <= sign <= "龥" for sign in english.text)
    assert any("一" <= sign <= "龥" for sign in chinese.text)
