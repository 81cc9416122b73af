"""/price, /cap, /calc and /watch: what coins are worth now."""

import asyncio
import re
from collections.abc import Sequence
from decimal import Decimal

from bot.domain import money
from bot.domain.assets import WHOLE_MARKET, Asset, Symbol
from bot.domain.errors import BotError, UserMistake
from bot.domain.prices import UnknownCoin, no_price
from bot.domain.rates import FIAT, Rate
from bot.domain.replies import STORED, Answer, Reply
from bot.domain.words import legible
from bot.views import errors
from bot.views import prices as view
from bot.views import rates as rated
from bot.views.keyboard import own_word
from handlers import _parse as parse
from handlers._call import Call, Command

DEFAULT_COIN = "BTC"
PAGE = 10
MOST_ON_A_PAGE = 25
DOLLARS = {"USD", "$"}
_PAIR = re.compile(r"(?P<have>[^/\s]{1,20})/(?P<want>[^/\s]{1,20})")
_JOINED = re.compile(r"(?P<have>\w{2,10})[-_](?P<want>\w{2,10})")


async def price(call: Call) -> Reply:
    """One coin: its card. `eth/btc`, `btc eur`: one in the other. Several, or the person's own list: a table, with the
    pairs among them below.
    """
    typed = await call.services.prices.joined(parse.parts(call.args))
    if not typed and call.user.watch:
        return await _table(call, [f"={symbol}" for symbol in call.user.watch], again="price")
    typed = parse.coins(typed or [DEFAULT_COIN])
    if pair := _pair_of(typed):
        return await _pair(call, *pair) if pair[1] not in DOLLARS else await _card(call, pair[0])
    if any("/" in word for word in typed):
        return await _mixed(call, typed)
    if len(typed) > 1:
        return await _table(call, typed)
    try:
        return await _card(call, typed[0])
    except UnknownCoin:
        # Names of coins have dashes, too: only what is none may be two.
        if joined := _JOINED.fullmatch(typed[0]):
            return await _pair(call, *joined.groups())
        raise


async def _card(call: Call, typed: str) -> Reply:
    asset = await call.services.prices.find(typed, call.user)
    found = await call.services.prices.latest([asset.symbol])
    if not found:
        raise no_price(asset)
    doubt = await call.services.rates.doubt(found[0].quote)
    return view.card(
        found[0].quote,
        typed=parse.again(typed),
        stale=found[0].stale,
        doubt=doubt,
        group_of="" if call.private else call.bot_name,
        **call.shown,
    )


def _pair_of(typed: Sequence[str]) -> tuple[str, str] | None:
    """A word with a slash in it; or a word and state money."""
    if len(typed) == 1 and (match := _PAIR.fullmatch(typed[0])):
        return match["have"], match["want"]
    if len(typed) == 2 and FIAT.union(DOLLARS).intersection(typed):
        return typed[0], typed[1]
    return None


async def _pair(call: Call, have: str, want: str) -> Reply:
    rate = await call.services.rates.between(have, want, call.user)
    return rated.pair(rate, typed=(parse.again(have), parse.again(want)), **call.shown)


async def _table(call: Call, typed: list[str], again: str = "") -> Reply:
    assets, unknown = await call.services.prices.find_all(typed, call.user)
    words = {asset.symbol: min(word, own_word(asset), key=len) for word, asset in assets.items()}
    found = await call.services.prices.latest(list(words))
    if not found and not unknown:
        raise no_price(next(iter(assets.values())))
    return view.table(
        [one.quote for one in found],
        unknown=unknown,
        stale=any(one.stale for one in found),
        again=again or " ".join(["price", *words.values()]),
        **call.shown,
    )


async def _mixed(call: Call, typed: Sequence[str]) -> Reply:
    """What cannot be told of one is said in its place, and keeps none of the others back; only which coin is meant is
    asked first.
    """
    pairs = [match for word in typed if (match := _PAIR.fullmatch(word)) and match["want"] not in DOLLARS]
    others = set(typed) - {pair[0] for pair in pairs}
    coins = [word.removesuffix("/USD").removesuffix("/$") for word in typed if word in others]
    table = await _table(call, coins) if coins else None
    told = await asyncio.gather(*(_rate(call, pair["have"], pair["want"]) for pair in pairs))
    return rated.listed(table, told, again=typed, **call.shown)


async def _rate(call: Call, have: str, want: str) -> Rate | str:
    try:
        return await call.services.rates.between(have, want, call.user)
    except BotError as error:
        return errors.of(error, call.texts, now=call.now, zone=call.zone).html.partition("\n")[0]


async def cap(call: Call) -> Reply:
    """No coin: the whole market. `top 10 2`: the largest, ten a page, the second page. A coin: what it is worth."""
    args = [*(["top"] if call.name == "top" else []), *parse.words(call.args)]
    if not args:
        return await _overview(call)
    if args[0].lower() == "top":
        return await _top(call, args[1:])
    typed = parse.coins(await call.services.prices.joined([args]), most=1)[0]
    asset = await call.services.prices.find(typed, call.user)
    if asset.symbol == WHOLE_MARKET:
        return await _overview(call)
    found = await call.services.prices.latest([asset.symbol])
    if not found:
        raise no_price(asset)
    return view.cap_card(found[0].quote, typed=parse.again(typed), stale=found[0].stale, **call.shown)


async def _overview(call: Call) -> Reply:
    prices = call.services.prices
    top = await prices.top(PAGE)
    totals, stale = await prices.totals()
    pages = _pages(await prices.listed(), PAGE)
    quotes, stale = [one.quote for one in top], stale or any(one.stale for one in top)
    return view.overview(totals, quotes, pages=pages, **call.shown, stale=stale)


async def _top(call: Call, args: Sequence[str]) -> Reply:
    """A page of so many, and on to the end of the listing. More than a page holds: pages up to that many coins."""
    size = parse.whole(args[0], 1, 100) if args else PAGE
    on_page, listed = min(size, MOST_ON_A_PAGE), await call.services.prices.listed()
    ends = listed if size == on_page else min(size, listed)
    pages = _pages(ends, on_page)
    page = parse.whole(args[1], 1, pages) if len(args) > 1 else 1
    before = (page - 1) * on_page
    found = await call.services.prices.top(min(on_page, ends - before), before)
    stale = any(one.stale for one in found)
    return view.top([one.quote for one in found], size=size, page=page, pages=pages, stale=stale, **call.shown)


def _pages(coins: int, size: int) -> int:
    return max(1, -(-coins // size))


async def calc(call: Call) -> Reply:
    """`1.5 btc eth`; `to`, `in` and `=` may stand between."""
    words = await call.services.prices.joined([legible(" ".join(call.args)).split()])
    args = [word for word in words if word.lower() not in {"to", "in", "="}]
    if len(args) not in {2, 3}:
        raise UserMistake("calc.usage", usage="calc")
    have, want = args[1], args[2] if len(args) == 3 else "USD"
    amount = _amount(args[0], have, want)
    typed = parse.again(have), parse.again(want)
    if {have.upper(), want.upper()} & (FIAT - DOLLARS):
        return rated.calc(amount, await call.services.rates.between(have, want, call.user), typed=typed, **call.shown)
    done = await call.services.prices.convert(amount, have, want, call.user)
    sides = [side for side in (done.source, done.target) if side]
    return view.calc(
        amount,
        done.amount.asset,
        done.result.asset,
        done.result.value,
        [side.quote for side in sides],
        **call.shown,
        stale=any(side.stale for side in sides),
        typed=typed,
    )


def _amount(typed: str, have: str, want: str) -> Decimal:
    """Where a number can be read in two ways, both are offered as buttons."""
    try:
        return money.typed(typed)
    except UserMistake as mistake:
        readings = [str(mistake.values[name]) for name in ("thousands", "fraction") if name in mistake.values]
        mistake.suggestions = tuple((reading, f"calc {reading} {have} {want}") for reading in readings)
        raise


async def watch(call: Call) -> Answer:
    """A person's own list: shown, made anew, added to, dropped from, cleared."""
    listed = list((await call.services.prices.named(call.user.watch)).values())
    if not call.args:
        return view.watch(listed, texts=call.texts)
    verb, typed = call.args[0].lower(), call.args[1:]
    named = [] if verb == "clear" else await _watched(call, typed if verb in {"add", "drop"} else call.args, listed)
    symbols = [asset.symbol for asset in named]

    def change(before: tuple[Symbol, ...]) -> list[Symbol]:
        kept = [symbol for symbol in before if symbol not in symbols]
        return kept if verb == "drop" else [*before, *symbols] if verb == "add" else symbols

    await call.services.users.watch(call.user, change, [*listed, *named], call.mark)
    return STORED


async def _watched(call: Call, typed: Sequence[str], listed: Sequence[Asset]) -> list[Asset]:
    """Whom the words mean: first a coin of his own list, then any."""
    names = parse.coins(await call.services.prices.joined(parse.parts(typed)), usage="watch")
    own = {name: asset for asset in listed for name in (asset.ticker.upper(), f"={asset.symbol}")}
    return [own.get(word) or await call.services.prices.find(word, call.user) for word in names]


async def pick(call: Call) -> Answer:
    """`pick UNI <symbol> price UNI`: from now on UNI means that coin, and the command can be run."""
    if len(call.args) < 2:
        raise UserMistake("symbol.none", usage="price")
    ticker, symbol, *rest = call.args
    chosen = await call.services.prices.named([symbol])
    await call.services.users.remember_pick(
        call.user, ticker.upper()[:32], chosen.popitem()[1], " ".join(rest), call.mark
    )
    return STORED


COMMANDS = (
    Command("price", price, aliases=("p",), groups=True),
    Command("cap", cap, aliases=("mc", "mcap", "top"), groups=True),
    Command("calc", calc, aliases=("convert",), groups=True),
    Command("watch", watch),
    Command("pick", pick, hidden=True),
)
