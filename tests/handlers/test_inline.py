"""Inline answers: cards for what was typed so far."""

from handlers.inline import MOST_CARDS, inline
from tests.handlers.conftest import Room


async def titles(room: Room, typed: str) -> list[str]:
    call = await room.call(f"inline {typed}")
    return [card.title.split(" · ")[0] for card in (await inline(call)).cards]


async def test_cards_are_found_by_ticker_and_name(room: Room):
    assert await titles(room, "uni") == ["Uniswap", "Unicorn Ledger", "Universe Island"]
    assert await titles(room, "nova pro") == ["Nova Protocol"]
    assert await titles(room, "nosuch") == []


async def test_nothing_typed_shows_the_largest(room: Room):
    room.shelf.coins += [(f"C{n}", f"C{n}", f"Coin {n}", "1", "1") for n in range(30)]
    found = await titles(room, "")
    assert found[:2] == ["Bitcoin", "Ethereum"]
    assert len(found) == MOST_CARDS
