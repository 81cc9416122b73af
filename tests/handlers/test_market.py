"""/price, /cap, /calc, /watch and what stands behind a picker's pin."""

import pytest

from bot.domain.errors import UserMistake
from bot.domain.prices import SeveralCoins, UnknownCoin
from bot.domain.replies import STORED
from tests.handlers.conftest import Room, buttons


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("price", "Bitcoin"), ("price eth", "Ethereum"), ("price $eth", "Ethereum"), ("p bitcoin", "Bitcoin"),
        ("price nova", "Nova Protocol"), ("price nva", "Novarium"), ("price =NOVA", "Novarium"),
        ("price dust", "Stardust"), ("price nova protocol", "Nova Protocol"), ("price \u202ebtc", "Bitcoin"),
        ("price BTC\u200b", "Bitcoin"), ("price ＢＴＣ", "Bitcoin"), ("price Ｎova　Ｐrotocol", "Nova Protocol"),
        ("cap unicorn ledger", "Unicorn Ledger"), ("calc １．５ ｂｔｃ ｅｔｈ", "30 ETH"),
        ("calc 1,500.5 eth usd", "4,501,500 USD"), ("calc 2 nova protocol to eth", "2 NOVA"),
        ("calc 2 eth nova protocol", "3,000 NOVA"),
    ],
)  # fmt: skip
async def test_a_price_is_of_the_coin_that_was_meant(room: Room, line, shown):
    assert shown in (await room.say(line)).plain


@pytest.mark.parametrize(
    "line",
    ["price nova protocol", "price nva", "price =UNI", "cap nva", "price unicorn-ledger", "cap =UNICORN", "price dust"],
)
async def test_every_button_under_a_card_is_about_the_same_coin(room: Room, line):
    card = await room.say(line)
    name = card.plain.split(" · ")[0]
    for data in buttons(card):
        command, word, *_ = data.removeprefix("!").split()
        if command in {"price", "cap"}:
            assert name in (await room.say(f"{command} {word}")).plain
        else:
            assert (await room.services.prices.find(word, await room.users.meet(1, ""))).name == name


async def test_several_coins_make_a_table_that_can_be_refreshed(room: Room):
    table = await room.say("price btc,eth nva nosuch")
    assert "NVA" in table.plain
    assert "nosuch" in table.plain.lower()
    refreshed = await room.say(buttons(table)[0].removeprefix("!"))
    assert "NVA" in refreshed.plain
    assert "NOVA" not in refreshed.plain


async def test_a_table_of_one_of_several_namesakes_can_be_refreshed(room: Room):
    table = await room.say("price =uni btc")
    assert (await room.say(buttons(table)[0].removeprefix("!"))).plain == table.plain


@pytest.mark.parametrize(
    ("line", "error", "key"),
    [
        ("price nosuch", UnknownCoin, "symbol.unknown"), ("price uni", SeveralCoins, "symbol.several"),
        ("price uni btc", SeveralCoins, "symbol.several"), ("price btc/usdt uni", SeveralCoins, "symbol.several"),
        ("price " + " ".join(f"c{n}" for n in range(11)), UserMistake, "symbols.too_many"),
        ("price " + "x" * 65, UserMistake, "symbol.unknown"),
        ("cap btc eth", UserMistake, "symbols.too_many"),
        ("cap top x", UserMistake, "number.unreadable"), ("cap top 0", UserMistake, "number.unreadable"),
        ("cap top 5 99", UserMistake, "number.unreadable"), ("calc", UserMistake, "calc.usage"),
        ("calc 1 2 3 4", UserMistake, "calc.usage"), ("calc x btc", UserMistake, "amount.unreadable"),
        ("calc 1,5 btc", UserMistake, "amount.ambiguous"),
        ("price sum_all_coins", UserMistake, "price.whole_market"),
        ("calc 1 sum_all_coins", UserMistake, "price.whole_market"),
        ("watch add", UserMistake, "symbol.none"), ("pick", UserMistake, "symbol.none"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_said_by_its_key(room: Room, line, error, key):
    with pytest.raises(error) as told:
        await room.say(line)
    assert told.value.key == key


async def test_a_coin_without_a_price_says_so_only_where_it_must(room: Room):
    room.shelf.coins.append(("NIL", "NIL", "Nil", None, None))
    assert "—" in (await room.say("price nil")).plain
    with pytest.raises(UserMistake):
        await room.say("calc 1 nil")


@pytest.mark.parametrize(
    ("line", "shown"), [("cap", "whole market"), ("top 2", "page 1 of 4"), ("cap top 2 4", "page 4 of 4")]
)
async def test_the_market_is_shown_in_pages(room: Room, line, shown):
    page = await room.say(line)
    assert shown in page.plain
    for data in buttons(page):
        await room.say(data.removeprefix("!"))


async def test_the_cap_of_all_coins_is_the_whole_market(room: Room):
    assert (await room.say("cap sum_all_coins")).plain == (await room.say("cap")).plain


async def test_a_list_of_nothing_with_a_price_says_so(room: Room):
    await room.say("watch sum_all_coins")
    with pytest.raises(UserMistake) as told:
        await room.say("price")
    assert told.value.suggestions == (("/cap", "cap"),)


@pytest.mark.parametrize(("count", "pages"), [(26, [25, 1]), (30, [25, 5]), (50, [25, 25]), (100, [25, 25, 17])])
async def test_more_coins_than_a_page_holds_reach_over_pages_up_to_so_many(room: Room, count, pages):
    room.shelf.coins += [(f"C{n}", f"C{n}", f"Coin {n}", "1", "1") for n in range(60)]
    data, seen = f"cap top {count}", []
    while data:
        page = await room.say(data)
        assert f"page {len(seen) + 1} of {len(pages)}" in page.plain
        seen.append(len(page.plain.splitlines()) - 2)  # without the head and the source
        data = next((each[1:] for each in buttons(page) if each.endswith(f" {len(seen) + 1}")), "")
    assert seen == pages


async def test_a_page_of_as_many_as_it_holds_leads_on(room: Room):
    room.shelf.coins += [(f"C{n}", f"C{n}", f"Coin {n}", "1", "1") for n in range(60)]
    assert "page 1 of 3" in (await room.say("cap top 25")).plain


async def test_a_cap_of_one_coin(room: Room):
    assert "Fully diluted" in (await room.say("mc eth")).plain


@pytest.mark.parametrize(
    "line", ["calc 1.5 btc eth", "convert 1.5 BTC to eth", "calc 1.5 btc = eth", "calc 1.5 btc in eth"]
)
async def test_a_sum_is_exact_and_can_be_turned_round(room: Room, line):
    card = await room.say(line)
    assert "30 ETH" in card.plain
    assert "0.075 BTC" in (await room.say(buttons(card)[1].removeprefix("!"))).plain


async def test_a_sum_of_a_namesake_stays_with_it(room: Room):
    card = await room.say("calc 10 nva")
    assert "8 USD" in card.plain
    for data in buttons(card)[:1]:
        assert "8 USD" in (await room.say(data.removeprefix("!"))).plain


async def test_two_readings_of_a_comma_are_both_offered_and_both_work(room: Room):
    with pytest.raises(UserMistake) as told:
        await room.say("calc 1,500 btc eth")
    assert [line for _, line in told.value.suggestions] == ["calc 1500 btc eth", "calc 1.500 btc eth"]
    for _, line in told.value.suggestions:
        assert "ETH" in (await room.say(line)).plain


async def test_coins_of_two_words_stand_beside_others(room: Room):
    table = await room.say("price btc nova protocol, unicorn ledger")
    assert buttons(table) == ["!price BTC =NOVAPRO =UNICORN"]
    assert len((await room.say("price nova,btc")).plain.splitlines()) == 3  # a comma parts what a space joins
    assert "NOVA, UNI" in (await room.say("watch nova protocol unicorn ledger")).plain


async def test_a_list_is_made_added_to_dropped_from_and_cleared(room: Room):
    assert "empty" in (await room.say("watch")).plain
    assert await room.answer("watch btc eth") is STORED
    await room.told()
    assert "BTC, ETH, NVA" in (await room.say("watch add nva btc")).plain
    shown = await room.say("watch")
    assert [data for data in buttons(shown) if "drop" in data][-1] == "!watch drop =NOVA"
    assert "BTC, ETH" in (await room.say("watch drop =NOVA")).plain
    assert "BTC" in (await room.say("watch drop eth")).plain
    assert "Bitcoin" not in (await room.say("price")).plain  # the list, not the default coin's card
    assert "empty" in (await room.say("watch clear")).plain


async def test_a_watched_coin_is_dropped_although_others_share_its_ticker(room: Room):
    await room.say("watch =UNI")
    assert "empty" in (await room.say("watch drop uni")).plain


async def test_a_list_has_an_end(room: Room):
    room.shelf.coins += [(f"C{n}", f"C{n}", f"Coin {n}", "1", "1") for n in range(11)]
    await room.say("watch " + " ".join(f"c{n}" for n in range(10)))
    with pytest.raises(UserMistake) as told:
        await room.say("watch add c10")
    assert told.value.key == "watch.full"


async def test_a_choice_is_remembered_and_its_line_offered_again(room: Room):
    done = await room.say("pick UNI UNICORN price UNI")
    assert "Unicorn Ledger" in done.plain
    assert buttons(done) == ["price UNI"]
    assert "Unicorn Ledger" in (await room.say("price UNI")).plain
    assert "Uniswap" in (await room.say("price =UNI")).plain
