"""A swap that was made, from its deposit to its end. Values: see bot/services/swaps.py."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from bot.domain.replies import Button, Keyboard, Reply
from bot.domain.swaps import Stage
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN
from bot.views import qr
from bot.views.keyboard import keyboard, run
from bot.views.order_words import exact, figure, word
from bot.views.swap_words import (
    Values,
    address,
    brief,
    copied,
    exchange_of,
    gets,
    grouped,
    instant,
    intent_of,
    joined,
    link,
    memo_name,
    network,
    own_phrase,
    parted,
    side,
    stage_name,
    stage_of,
    ticker,
    until,
)

View = Callable[[Values, Texts, datetime], Reply]


def swap_card(values: Values, texts: Texts, now: datetime) -> Reply:
    """How it stands: until it is paid, the deposit card. It replaces the card before, and makes no sound."""
    if word(values, "withheld"):
        return _withheld(values, texts)
    if stage_of(values).awaits_deposit:
        return deposit(values, texts, now)
    return Reply(joined([_head(values, texts), *_moving(values, texts)]), _buttons(values, texts), silent=True)


def deposit(values: Values, texts: Texts, now: datetime) -> Reply:
    """Exact amount, address and memo each alone in a block to copy."""
    memo, target = word(values, "payin_memo"), address(values, "payin_address")
    head = [texts("swap.deposit", short=exact(word(values, "short"))), own_phrase(values, texts)]
    what = [
        texts("swap.send_exactly", amount=copied(word(values, "amount")), source=ticker(word(values, "source"))),
        texts("swap.on_network", network=network(word(values, "source_network")))
        if word(values, "source_network")
        else texts("swap.network_untold", source=ticker(word(values, "source"))),
        texts("swap.to_address", address=copied(target)),
        _memo(memo, values, texts),
        texts("swap.pay_till", until=until(values, "pay_till", texts, now)) if instant(values, "pay_till") else "",
        texts("swap.send_once"),
    ]
    then = [gets(values, texts), texts("swap.to", address=grouped(address(values, "address")))]
    return Reply(
        parted(head, what, then, [texts("swap.scam")]),
        keyboard(_copies(values, texts), *_ways(values, texts, picture=True)),
    )


def swap_code(values: Values, texts: Texts, now: datetime) -> Reply:
    """The deposit address as a picture, with what has to be known beside it."""
    where, memo = address(values, "payin_address"), word(values, "payin_memo")
    if not where or word(values, "withheld") or not stage_of(values).awaits_deposit:
        return swap_card(values, texts, now)
    lines = [
        texts("swap.qr", source=side(values, "source"), short=exact(word(values, "short"))),
        own_phrase(values, texts),
        texts("swap.send_exactly", amount=copied(word(values, "amount")), source=ticker(word(values, "source"))),
        copied(where),
        _memo(memo, values, texts),
        texts("swap.send_once"),
        texts("swap.code_holds"),
    ]
    return Reply(joined(lines), keyboard(_copies(values, texts)), picture=qr.picture(where))


def swap_told(values: Values, texts: Texts, _now: datetime) -> Reply:
    """Loud, in answer to the card: what a person must not miss."""
    over = texts("swap.used_up") if stage_of(values).final else ""
    lines = [own_phrase(values, texts), _head(values, texts), *_moving(values, texts, phrase=False), over]
    return Reply(joined(lines), _buttons(values, texts))


def swap_nudge(values: Values, texts: Texts, now: datetime) -> Reply:
    """Half of the time is over, where there is a deadline, and no deposit was seen."""
    short = exact(word(values, "short"))
    head = (
        texts("swap.nudge", until=until(values, "pay_till", texts, now), short=short)
        if instant(values, "pay_till")
        else texts("swap.nudge_untimed", short=short)
    )
    lines = [head, texts("swap.nudge_do")]
    return Reply(joined(lines), keyboard(*_ways(values, texts, picture=True)))


def swap_stalled(values: Values, texts: Texts, _now: datetime) -> Reply:
    """This stage takes long, or the provider is silent."""
    stage = stage_name(stage_of(values), word(values, "raw_stage"), texts)
    minutes, usual, silent = (figure(values, name) for name in ("minutes", "usual_minutes", "silent_minutes"))
    lines = [
        texts("swap.stalled", time=_span(minutes, texts), stage=Html(stage), usual=_span(usual, texts)),
        texts("swap.silent", exchange=exchange_of(values), time=_span(silent, texts)) if silent else "",
        *brief(values, texts),
        texts("swap.stalled_do"),
    ]
    return Reply(joined(lines), keyboard(*_ways(values, texts)))


def swap_alert(values: Values, texts: Texts, _now: datetime) -> Reply:
    """To an admin."""
    why = word(values, "why")
    known = {"needs_human", "unknown_stage", "bad_deposit_address", "other_payout", "no_memo"}
    text = texts(
        "swap.alert",
        why=texts(f"swap.alert.{why}") if why in known else label(why or UNKNOWN),
        id=word(values, "user_id") or UNKNOWN,
        exchange=exchange_of(values),
        swap=exact(word(values, "swap")),
        short=exact(word(values, "short")),
        pair=f"{ticker(word(values, 'source'))} → {ticker(word(values, 'target'))}",
        stage=word(values, "raw_stage") or UNKNOWN,
    )
    return Reply(text)


VIEWS: dict[str, View] = {
    view.__name__: view
    for view in (
        swap_card,
        swap_code,
        swap_told,
        swap_nudge,
        swap_stalled,
        swap_alert,
    )
}


# --- parts of a message -----------------------------------------------------------------------------------------------


def _head(values: Values, texts: Texts) -> Html:
    """State and what it means, in one line."""
    stage, target = stage_of(values), ticker(word(values, "target"))
    if stage is Stage.CONFIRMING:
        return _confirming(values, texts)
    if stage is Stage.FINISHED:
        got = figure(values, "amount_out")
        quoted = Html(texts.numbers.approx(figure(values, "net")))
        amount = exact(word(values, "amount_out") if got is not None else "")
        return texts("swap.head.finished", amount=amount, target=target, quoted=quoted)
    if stage is Stage.REFUNDED:
        back = address(values, "refund_address")
        known = texts("swap.head.refunded", address=grouped(back))
        return known if back else texts("swap.head.refunded_untold", exchange=exchange_of(values))
    if stage is Stage.UNKNOWN:
        return texts("swap.head.unknown", raw=label(word(values, "raw_stage") or UNKNOWN, 40))
    return texts(f"swap.head.{stage.value}", exchange=exchange_of(values))


def _confirming(values: Values, texts: Texts) -> Html:
    seen, needed = figure(values, "confirmations"), figure(values, "confirmations_needed")
    if seen is None or needed is None or seen < 0 or needed <= 0:
        return texts("swap.head.confirming")
    return texts(
        "swap.head.confirming_of", seen=texts.numbers.count(int(seen)), needed=texts.numbers.count(int(needed))
    )


def _moving(values: Values, texts: Texts, *, phrase: bool = True) -> list[Html | str]:
    """What is known by now of a swap that was paid, or never will be. What it would have brought is said while it may
    still come.
    """
    came, drift, stage = word(values, "amount_in"), figure(values, "drift"), stage_of(values)
    where = texts("swap.to", address=grouped(address(values, "address")))
    to_support = stage in {Stage.HOLD, Stage.FAILED, Stage.OVERDUE, Stage.EXPIRED}
    return [
        own_phrase(values, texts) if phrase else "",
        texts("swap.came_in", amount=exact(came), source=side(values, "source")) if came else brief(values, texts)[1],
        "" if stage.ended else gets(values, texts),
        where if stage.brings else "",
        texts("swap.drift", drift=texts.numbers.percent(drift))
        if drift is not None and stage is Stage.FINISHED
        else "",
        texts("swap.id", exchange=exchange_of(values), id=exact(word(values, "swap"))) if to_support else "",
        texts("swap.reference", short=exact(word(values, "short"))),
    ]


def _buttons(values: Values, texts: Texts) -> Keyboard:
    """By its stage: where the money can be seen, and what can be done."""
    stage = stage_of(values)
    seen = [
        link(texts.plain("button.payin"), values.get("payin_link")),
        link(texts.plain("button.payout"), values.get("payout_link")),
        link(texts.plain("button.refund"), values.get("refund_link")),
    ]
    late = run(texts.plain("button.sent_already"), "status", word(values, "swap"))
    again = run(texts.plain("button.new_quote"), "again", intent_of(values))
    if stage in {Stage.OVERDUE, Stage.EXPIRED}:
        return keyboard([late, again], *_ways(values, texts, status=False))
    return keyboard(seen, *_ways(values, texts), [again] if stage.ended else [])


def _ways(
    values: Values, texts: Texts, *, picture: bool = False, status: bool = True
) -> Sequence[Sequence[Button | None]]:
    swap = word(values, "swap")
    look = run(texts.plain("button.status"), "status", swap) if status and swap else None
    drawn = run(texts.plain("button.qr"), "swap", "qr", swap) if picture and swap else None
    track = link(texts.plain("button.track"), values.get("track_url"))
    return [look, drawn], [track, run(texts.plain("button.help"), "help", "swap")]


def _copies(values: Values, texts: Texts) -> list[Button | None]:
    """The same as the blocks, for those who rather press."""
    parts = {"amount": word(values, "amount"), "address": address(values, "payin_address"),
             "memo": word(values, "payin_memo")}  # fmt: skip
    return [Button(texts.plain(f"button.copy_{name}"), copy=text) if text else None for name, text in parts.items()]


def _withheld(values: Values, texts: Texts) -> Reply:
    """There is a swap, and its address is not to be trusted: nobody is shown it."""
    why = word(values, "withheld")
    reason = texts(why, exchange=exchange_of(values)) if texts.has(why) else ""
    lines = [texts("swap.withheld", exchange=exchange_of(values)), reason, *brief(values, texts),
             texts("swap.withheld_do")]  # fmt: skip
    return Reply(joined(lines), keyboard(*_ways(values, texts)))


def _memo(memo: str, values: Values, texts: Texts) -> Html:
    return (
        texts("swap.with_memo", name=memo_name(values, texts, of="payin_memo_name"), memo=copied(memo))
        if memo
        else Html()
    )


def _span(minutes: Decimal | None, texts: Texts) -> str:
    """`texts.times.age` in its largest unit would say "1 h" for 119 minutes: what is slow is told in minutes longer."""
    if minutes is None or not 0 <= minutes < 10**7:
        return UNKNOWN
    whole = int(minutes)
    return texts.plain("age.minutes", n=str(whole)) if whole < 180 else texts.times.age(whole * 60)
