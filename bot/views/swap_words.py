"""Swaps in words, the same in cards, questions and lists."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.addresses import Verdict, in_fours
from bot.domain.replies import Button
from bot.domain.swaps import Stage, SwapCoin
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN
from bot.views.order_words import exact, figure, word

Values = Mapping[str, object]
LONGEST_ADDRESS = 128
_LINK = re.compile(r"https://[\w.-]+(?::[0-9]{1,5})?/[!#-;=?-~]{0,400}", re.ASCII)
_LATEST_MS = Decimal(253_402_300_000_000)
SIGNS = {
    Stage.FINISHED: "✅",
    Stage.FAILED: "❌",
    Stage.REFUNDED: "↩️",
    Stage.HOLD: "⚠️",
    Stage.OVERDUE: "⌛",
    Stage.EXPIRED: "⌛",
    Stage.UNKNOWN: "❔",
}


def ticker(name: str) -> str:
    """As people write it."""
    return label(name, 16).upper()


def network(name: str) -> str:
    """In capitals: a coin sent on another network is lost."""
    return label(name.replace("_", " "), 32).upper() if name else UNKNOWN


def place(coin: SwapCoin) -> str:
    """`USDTRX · TRON`."""
    on = coin.network or coin.runs_on
    return f"{ticker(coin.ticker)} · {network(on)}" if on else ticker(coin.ticker)


def side(values: Values, which: str) -> str:
    """The same from a notice; `which`: source or target."""
    on = word(values, f"{which}_network")
    name = ticker(word(values, which))
    return f"{name} · {network(on)}" if on else name


def address(values: Values, name: str) -> str:
    """One line, bounded; empty where there is none."""
    found = str(values.get(name) or "")
    return label(found, LONGEST_ADDRESS) if found else ""


def grouped(text: str, *, unlike: str = "") -> Html:
    """All of it in groups of four, to be compared with eyes. `unlike`: groups that differ from that are marked."""
    if not text:
        return Html(UNKNOWN)
    other = in_fours(unlike)
    groups = []
    for at, group in enumerate(in_fours(label(text, LONGEST_ADDRESS))):
        shown = _escaped(group)
        differs = bool(unlike) and (at >= len(other) or other[at] != group)
        groups.append(f"<b>{shown}</b>" if differs else shown)
    return Html(" ".join(groups))


def doubt(verdict: str, texts: Texts) -> Html:
    """What could not be checked about an address; empty where nothing is left open."""
    return texts(f"swap.address_{verdict}") if verdict in {Verdict.BARE, Verdict.UNCHECKED} else Html()


def copied(text: str) -> Html:
    """To be copied by a tap: as it is, and nothing beside it."""
    return Html(f"<code>{_escaped(text)}</code>") if text else Html(UNKNOWN)


def stage_of(values: Values) -> Stage:
    name = str(values.get("stage") or "")
    return Stage(name) if name in set(Stage) else Stage.UNKNOWN


def stage_name(stage: Stage, raw: str, texts: Texts) -> str:
    """A word of the provider's that we do not know is shown as it is."""
    if stage is Stage.UNKNOWN:
        return texts("swap.stage.unknown", raw=label(raw, 40) if raw else UNKNOWN)
    return texts(f"swap.stage.{stage.value}")


def sign(stage: Stage) -> str:
    return SIGNS.get(stage, "⏳")


def gets(values: Values, texts: Texts) -> Html:
    """What the person gets: after the network fee where that is known, and never more than it is."""
    net, gross, target = figure(values, "net"), figure(values, "gross"), side(values, "target")
    fixed = word(values, "rate_kind") == "fixed"
    if net is not None:
        amount = exact(word(values, "net")) if fixed else texts.numbers.approx(net)
        fee = figure(values, "network_fee")
        key = "swap.gets_after_fee" if fee else "swap.gets"
        return texts(key, amount=Html(amount), target=target, fee=texts.numbers.amount(fee))
    return texts("swap.gets_before_fee", amount=Html(texts.numbers.approx(gross)), target=target)


def instant(values: Values, name: str) -> datetime | None:
    """None for never, and for what is no instant."""
    at = figure(values, name)
    return datetime.fromtimestamp(int(at / 1000), UTC) if at and 0 < at < _LATEST_MS else None


def until(values: Values, name: str, texts: Texts, now: datetime) -> str:
    moment = instant(values, name)
    return texts.times.until(moment, now=now) if moment else UNKNOWN


def link(text: str, url: object) -> Button | None:
    """None for what Telegram would refuse, and what leads nowhere safe."""
    return Button(text, url=url) if isinstance(url, str) and _LINK.fullmatch(url) else None


def brief(values: Values, texts: Texts) -> list[Html | str]:
    """What is being talked of, in two lines."""
    pair = texts(
        "swap.brief",
        amount=exact(word(values, "amount")),
        source=side(values, "source"),
        target=side(values, "target"),
    )
    reference = texts("swap.reference", short=exact(word(values, "short"))) if word(values, "short") else ""
    return [own_phrase(values, texts), pair, reference]


def memo_name(values: Values, texts: Texts, of: str = "memo_name") -> str:
    return label(word(values, of), 24) if word(values, of) else texts("swap.memo_plain")


def own_phrase(values: Values, texts: Texts) -> Html:
    phrase = str(values.get("phrase") or "")
    return texts("intent.phrase", phrase=label(phrase, 64)) if phrase else Html()


def intent_of(values: Values) -> str:
    return word(values, "intent")


def exchange_of(values: Values) -> str:
    return word(values, "exchange") or UNKNOWN


def joined(lines: Sequence[str]) -> str:
    return "\n".join(filter(None, lines))


def parted(*parts: Sequence[str]) -> str:
    return "\n\n".join(filter(None, map(joined, parts)))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
