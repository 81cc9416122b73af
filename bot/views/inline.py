"""Prices in any chat: answers to `@bot btc`."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.prices import Quote
from bot.domain.replies import InlineCard, InlineReply
from bot.texts import Texts
from bot.texts.names import label
from bot.views import prices

_MOST_CARDS = 20
_LONGEST_KEY_BYTES = 64


def card(quote: Quote, *, now: datetime, texts: Texts, zone: str = "", stale: bool = False) -> InlineCard:
    """The message it sends is the price card, which tells its own age: it stays in a chat for good."""
    write, asset = texts.numbers, quote.asset
    return InlineCard(
        key=asset.symbol.encode()[:_LONGEST_KEY_BYTES].decode(errors="ignore"),
        title=f"{label(asset.name)} · {label(asset.ticker)}   {write.usd(quote.price)}",
        description=texts.plain("inline.about", day=write.percent(quote.change_24h), cap=write.cap(quote.cap)),
        html=prices.html(quote, now=now, texts=texts, zone=zone, stale=stale),
    )


def reply(
    quotes: Sequence[Quote], *, now: datetime, texts: Texts, zone: str = "", stale: bool = False, cache_s: int = 15
) -> InlineReply:
    """Nothing found is an empty list, which Telegram shows as such."""
    cards = (card(quote, now=now, texts=texts, zone=zone, stale=stale) for quote in quotes)
    first_of = {each.key: each for each in reversed(list(cards)) if each.key}
    return InlineReply(tuple(reversed(first_of.values()))[:_MOST_CARDS], cache_s)
