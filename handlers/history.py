"""/chart and /export: what coins were worth, as a picture and as a table to take away."""

from collections.abc import Sequence

from bot.charts import TableFormat, TableRequest, parse_every
from bot.domain.assets import Symbol
from bot.domain.errors import UserMistake
from bot.domain.prices import Period, Samples, SeveralCoins, UnknownCoin, columns_of, fields_of, no_price
from bot.domain.replies import Reply
from bot.views import charts as view
from handlers import _parse as parse
from handlers._call import Call, Command

FORMATS = {form.value: form for form in TableFormat}
RAW = {"raw": True}


async def chart(call: Call) -> Reply:
    """`chart BTC 30d cap`, in any order."""
    typed = parse.words(call.args)
    period = parse.take(typed, parse.PERIODS) or Period.WEEK
    field = parse.take(typed, parse.FIELDS)
    names = parse.coins(await call.services.prices.joined([typed or ["BTC"]]))
    await _require_no_periods(call, names)
    name = parse.coins(names, most=1)[0]
    asset = await call.services.prices.find(name, call.user)
    fields = fields_of(asset.symbol)
    field = field or fields[0]
    if field not in fields:
        raise no_price(asset)
    series, stale = await call.services.prices.series(asset.symbol, period, field)
    picture = await call.charts.picture(series, title=f"{asset.ticker} · {period.value}", zone=call.zone)
    return view.card(picture, series, period, field, asset.ticker, name=parse.again(name), stale=stale, **call.shown)


async def export(call: Call) -> Reply:
    """`export BTC,ETH 1y every 1d price,cap parquet`, in any order."""
    typed = parse.words(call.args)
    every = parse.take_after(typed, "every", parse_every)
    period = parse.take(typed, parse.PERIODS) or Period.MONTH
    fields = parse.take_all(typed, parse.FIELDS)
    samples = parse.take(typed, parse.SAMPLES) or (Samples.LARGE if period is Period.ALL else Samples.MEDIUM)
    form = parse.take(typed, FORMATS) or TableFormat.CSV
    raw = bool(parse.take(typed, RAW))
    coins = parse.coins(typed, usage="export")
    await _require_no_periods(call, coins)
    assets, unknown = await call.services.prices.find_all(coins, call.user)
    if unknown and not assets:
        raise unknown[0]
    columns = columns_of(dict.fromkeys(asset.symbol for asset in assets.values()), fields)
    series = await call.services.prices.history(columns, period, samples)
    strange = columns_of([Symbol(one.typed) for one in unknown], fields)  # named among the missing
    request = TableRequest(series, every, raw, form, (*columns, *strange), view.coins(assets))
    result = await call.charts.table(request)
    return view.export_done(result.document, result.stats, texts=call.texts, now=call.now)


async def _require_no_periods(call: Call, coins: Sequence[str]) -> None:
    """`2d` where no coin is called so. Raises UserMistake("period.unknown")."""
    for word in parse.no_periods(coins):
        try:
            await call.services.prices.find(word, call.user)
        except SeveralCoins:
            continue
        except UnknownCoin:
            raise UserMistake("period.unknown", typed=word) from None


COMMANDS = (
    Command("chart", chart, aliases=("c",), groups=True, action="upload_photo"),
    Command("export", export, action="upload_document"),
)
