"""/alert, /alerts and /delalert: to be told when a price crosses a line, or moves by so much."""

from dataclasses import replace

from bot.domain.alerts import Condition, Way
from bot.domain.assets import WHOLE_MARKET, Asset
from bot.domain.errors import UserMistake
from bot.domain.prices import SeveralCoins, UnknownCoin, fields_of
from bot.domain.replies import STORED, Answer, Reply
from bot.views import alerts as view
from bot.views import prices
from handlers import _alert_line as alert_line
from handlers import _parse as parse
from handlers._call import Call, Command

PAGE = 10
LARGEST_ID = 2**53


async def alert(call: Call) -> Answer:
    """Alone: how. A coin: lines to choose from. The whole line: it is set."""
    if not call.args:
        return view.how(call.texts)
    call = replace(call, args=tuple(await call.services.prices.joined([alert_line.apart(call.args)])))
    if len(call.args) == 1:
        return await _choices(call, call.args[0])
    line = alert_line.read(call.args, now=call.now, zone=call.zone)
    if not line.coin:
        raise UserMistake("alert.how", usage="alert")
    try:
        asset = await call.services.prices.find(line.coin, call.user)
    except SeveralCoins as several:
        return prices.picker(several.ticker, several.candidates, _again(call, line.coin), texts=call.texts)
    except UnknownCoin as nobody:
        again = _again(call, line.coin)
        return prices.unknown(nobody.typed, nobody.closest, texts=call.texts, command=again)
    await call.services.alerts.set(call.user, asset, await _condition(call, asset, line), call.mark)
    return STORED


def _again(call: Call, coin: str) -> str:
    """The line with signs and coin apart, as it is by now, so that another coin can take that one's place."""
    return " ".join(["alert", coin, *call.args[1:]])


async def _choices(call: Call, typed: str) -> Reply:
    coin = f"={WHOLE_MARKET}" if typed.lower() in alert_line.MARKET else parse.coins([typed], most=1)[0]
    asset = await call.services.prices.find(coin, call.user)
    field = fields_of(asset.symbol)[0]
    figure = await call.services.alerts.figure(asset, field)
    return view.choices(asset, field, figure.value if figure else None, texts=call.texts)


async def _condition(call: Call, asset: Asset, line: alert_line.Line) -> Condition:
    """Where no side was named, the one on which the figure is not."""
    if line.way:
        return line.condition(line.way)
    figure = await call.services.alerts.figure(asset, line.field)
    if figure is None:
        raise UserMistake("alert.which_side", usage="alert")
    return line.condition(Way.ABOVE if line.target > figure.value else Way.BELOW)


async def alerts(call: Call) -> Answer:
    """The list, page by page. `edit 17`: the next line is the new one; with a line behind it, that. `again 17`."""
    verb, rest = (call.args[0].lower(), call.args[1:]) if call.args else ("", ())
    if verb == "edit":
        return await _edit(call, rest)
    if verb == "again":
        await call.services.alerts.again(call.user, _number(rest), call.mark)
        return STORED
    own = await call.services.alerts.of(call.user)
    pages = max(1, -(-len(own) // PAGE))
    page = min(parse.whole(verb, 1, 10_000), pages) if verb else 1
    shown = own[(page - 1) * PAGE : page * PAGE]
    return view.listed(shown, total=len(own), page=page, pages=pages, **call.shown)


async def _edit(call: Call, args: tuple[str, ...]) -> Answer:
    alert_id = _number(args[:1])
    own = await call.services.alerts.get(call.user, alert_id)
    if not args[1:]:
        await call.services.dialogs.ask(call.user.id, call.mark.address.chat_id, f"alerts edit {alert_id}")
        return view.edit(own, **call.shown)
    words = await call.services.prices.joined([alert_line.apart(args[1:])])
    line = alert_line.read(words, now=call.now, zone=call.zone)
    asset = await call.services.prices.find(line.coin, call.user) if line.coin else own.asset
    if not line.coin:
        line = replace(line, field=own.wants.field, repeat_s=line.repeat_s or own.wants.repeat_s)
    await call.services.alerts.change(call.user, alert_id, asset, await _condition(call, asset, line), call.mark)
    return STORED


async def delalert(call: Call) -> Answer:
    if not call.args:
        return await alerts(replace(call, args=()))
    await call.services.alerts.delete(call.user, _number(call.args), call.mark)
    return STORED


def _number(args: tuple[str, ...]) -> int:
    return parse.whole(args[0].removeprefix("#") if args else "", 1, LARGEST_ID)


COMMANDS = (
    Command("alert", alert),
    Command("alerts", alerts, aliases=("myalerts",)),
    Command("delalert", delalert),
)
