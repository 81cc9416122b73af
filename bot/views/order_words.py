"""An order in words, the same in cards, lists and messages. Amounts stand as the exchange takes and tells them."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from bot.domain.money import EXACT
from bot.domain.orders import Order, plain
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN, known

Values = Mapping[str, object]
LONGEST_NUMBER = 48


def word(values: Values, name: str) -> str:
    """A value as a bounded line of text; empty where there is none."""
    value = str(values.get(name) or "")
    return label(value, LONGEST_NUMBER) if value else ""


def figure(values: Values, name: str) -> Decimal | None:
    return decimal(values.get(name))


def decimal(text: object) -> Decimal | None:
    """None for what is no number."""
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        return None
    return value if known(value) else None


def exact(text: str) -> Html:
    """A figure that may be copied, or a dash."""
    return Html(f"<code>{_escaped(text)}</code>" if text else UNKNOWN)


def _as_it_is(text: str) -> Html:
    return Html(_escaped(text) if text else UNKNOWN)


def amount(value: Decimal | None) -> Html:
    """What an exchange told, to be copied: exact, without the zeros that mean nothing."""
    return exact(number(value))


def number(value: Decimal | None) -> str:
    """The same for lists; empty where it is not known."""
    return f"{plain(value):f}" if known(value) else ""


def sentence(values: Values, texts: Texts, *, listed: bool = False) -> Html:
    """`BUY 0.010 BTC at limit 67000 USDT, on margin`, from the texts of an intent or of a followed order.

    `listed`: one of many, so without figures to copy: Telegram takes a hundred marked places in a message.
    """
    parts = {
        "side": side(word(values, "side"), texts),
        "base": word(values, "base") or UNKNOWN,
        "quote": word(values, "quote") or UNKNOWN,
        "wallet": wallet(word(values, "wallet"), texts),
    }
    size, cost, price = word(values, "amount"), word(values, "cost"), word(values, "price")
    write = _as_it_is if listed else exact
    if price:
        return texts("order.say.limit", amount=write(size), price=write(price), **parts)
    if cost and not size:
        return texts("order.say.cost", cost=write(cost), **parts)
    return texts("order.say.market", amount=write(size), **parts)


def of_order(order: Order, texts: Texts, *, listed: bool = False) -> Html:
    """The same of an order as its exchange tells it."""
    base, _, quote = order.symbol.partition(":")[0].partition("/")
    told: dict[str, object] = {
        "side": order.side or "",
        "base": base,
        "quote": quote,
        "wallet": order.wallet or "",
        "amount": number(order.amount),
        "cost": number(order.cost) if order.amount is None else "",
        "price": number(order.price) if order.kind != "market" else "",
    }
    return sentence(told, texts, listed=listed)


def side(name: str, texts: Texts) -> str:
    return texts.plain(f"order.side.{name}") if name in {"buy", "sell"} else UNKNOWN


def wallet(name: str, texts: Texts) -> Html:
    """A word for where it is not simply spot."""
    return texts(f"order.on.{name}") if name in {"margin", "funding"} else Html()


def progress(filled: Decimal | None, whole: Decimal | None, texts: Texts) -> Html:
    """How much of it is done: with a share where the whole is known."""
    if not known(filled) or not known(whole) or whole <= 0:
        return _as_it_is(number(filled))
    share = texts.numbers.share(EXACT.divide(filled * 100, whole))
    return texts("order.progress", filled=number(filled), share=share)


def state(name: str, texts: Texts) -> str:
    """What the exchange says of an order."""
    known_states = {"open", "filled", "canceled", "rejected", "expired"}
    return texts.plain(f"order.state.{name if name in known_states else 'unknown'}")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
