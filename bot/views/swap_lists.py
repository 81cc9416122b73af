"""What one may ask about swaps: coins, rates, limits, one's own swaps, and the flight record of one."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from bot.domain.replies import Document, Keyboard, Reply
from bot.domain.swap_log import USUAL_MINUTES, SwapRow, SwapStatus
from bot.domain.swaps import RateKind, Stage, SwapCoin, SwapLimits
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN
from bot.views.keyboard import grid, keyboard, run
from bot.views.order_words import decimal, exact, figure, number, word
from bot.views.swap_words import (
    address,
    copied,
    gets,
    grouped,
    link,
    memo_name,
    network,
    parted,
    place,
    sign,
    stage_name,
    ticker,
)

MOST_COINS = 30
MOST_SWAPS = 10
_MOST_NOTES = 40
_LONGEST_SUPPORT = 1200
_COLUMNS = (
    "id", "created_at", "stage", "rate", "source", "target", "amount", "amount_in", "quoted", "amount_out",
    "network_fee", "payout_address", "payout_memo", "payin_hash", "payout_hash", "refund_hash",
)  # fmt: skip


def coins(found: Sequence[SwapCoin], search: str, texts: Texts) -> Reply:
    """What is off is said to be."""
    if not found:
        return Reply(texts("coins.none", typed=label(search, 32)))
    lines = [_coin(coin, texts) for coin in found[:MOST_COINS]]
    more = texts.plural("coins.more", len(found) - MOST_COINS) if len(found) > MOST_COINS else Html()
    return Reply("\n".join(filter(None, [texts("coins.head"), *lines, more])))


def rate(
    amount: Decimal, source: SwapCoin, target: SwapCoin, there: Decimal, back: Decimal | None, texts: Texts
) -> Reply:
    """Both ways; `back`: of the source, what as much of the target would bring."""
    say = {"amount": number(amount), "source": place(source), "target": place(target)}
    lines = [
        texts("rate.there", there=_about(there, texts), **say),
        texts("rate.back", back=_about(back, texts), **say),
        texts("rate.note"),
    ]
    swap = run(texts.plain("button.swap_pair"), "swap", number(amount), f"={source.ticker}", f"={target.ticker}")
    turn = run(texts.plain("button.turn"), "rate", number(amount), f"={target.ticker}", f"={source.ticker}",
               in_place=True)  # fmt: skip
    return Reply("\n".join(lines), keyboard([turn, swap]))


def limits(source: SwapCoin, target: SwapCoin, by_kind: Mapping[RateKind, SwapLimits | None], texts: Texts) -> Reply:
    lines = [texts("swaplimits.head", source=place(source), target=place(target))]
    for kind, known in by_kind.items():
        least, most = (known.least, known.most) if known else (None, None)
        lines.append(
            texts(
                f"swaplimits.{kind.value}",
                least=exact(number(least)),
                most=exact(number(most)),
                ticker=ticker(source.ticker),
            )
        )
    swap = run(texts.plain("button.swap_pair"), "swap", f"={source.ticker}", f"={target.ticker}")
    return Reply("\n".join(lines), keyboard([swap]))


def listed(rows: Sequence[SwapRow], *, now: datetime, texts: Texts, zone: str) -> Reply:
    """Newest first, each with a button to its flight record."""
    if not rows:
        return Reply(texts("swaps.none"), keyboard([run(texts.plain("button.swap_new"), "swap")]))
    lines = [_row(row, now=now, texts=texts, zone=zone) for row in rows[:MOST_SWAPS]]
    looks = [run(f"{sign(row.stage)} {label(row.id, 20)}", "status", row.id) for row in rows[:MOST_SWAPS]]
    table = run(texts.plain("button.table"), "swaps", "csv")
    return Reply("\n".join([texts("swaps.head"), *lines]), keyboard(*grid(looks, 2), [table]))


def table(rows: Sequence[SwapRow], texts: Texts) -> Reply:
    """Every swap, oldest first, amounts as they are."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([_cell(value) for value in _cells(row)])
    document = Document(written.getvalue().encode("utf-8-sig"), "swaps.csv")
    return Reply(texts.plural("swaps.table", len(rows)), document=document)


def status(found: SwapStatus, *, now: datetime, texts: Texts, zone: str) -> Reply:
    """The flight record: time in each stage, quoted against received, and what support may be told."""
    row, values = found.row, found.values
    amount = exact(row.amount)
    head = [
        texts("status.head", sign=sign(row.stage), id=copied(label(row.id, 40)),
              stage=Html(stage_name(row.stage, row.raw_stage, texts))),
        texts("status.pair", amount=amount, source=ticker(row.source), target=ticker(row.target),
              kind=texts(f"swap.kind_name.{row.kind.value}")),
        texts("status.stale") if found.stale else "",
    ]  # fmt: skip
    record = _record(found, now=now, texts=texts, zone=zone)
    rest = [
        *_outcome(row, values, texts),
        *([] if row.withheld else _deposit(row.stage, values, texts)),
        texts("status.support", text=label_lines(found.support)),
    ]
    return Reply(parted(head, record, rest), _status_buttons(found, texts))


def label_lines(text: str) -> str:
    """Several lines, each bounded; the whole, too."""
    return "\n".join(label(line, 120) for line in text[:_LONGEST_SUPPORT].splitlines() if line.strip()) or UNKNOWN


# --- parts ------------------------------------------------------------------------------------------------------------


def _coin(coin: SwapCoin, texts: Texts) -> Html:
    state = "on" if coin.pays_in and coin.pays_out else "in" if coin.pays_in else "out" if coin.pays_out else "off"
    memo = texts("coins.memo", name=label(coin.memo_name, 24)) if coin.memo_name else Html()
    return texts(f"coins.{state}", ticker=ticker(coin.ticker), name=label(coin.name, 32), memo=memo,
                 network=network(coin.network or coin.runs_on))  # fmt: skip


def _row(row: SwapRow, *, now: datetime, texts: Texts, zone: str) -> Html:
    return texts(
        "swaps.line",
        sign=sign(row.stage),
        amount=row.amount or UNKNOWN,
        source=ticker(row.source),
        brings=_brings(row, texts),
        stage=Html(stage_name(row.stage, row.raw_stage, texts)),
        at=texts.times.at(_moment(row.created_at), now=now, zone=zone),
    )


def _brings(row: SwapRow, texts: Texts) -> str:
    """What came, or may still come; nothing but the coin where nothing will."""
    amount = number(decimal(row.paid_out)) or texts.numbers.approx(decimal(row.quoted))
    return f"{amount} {ticker(row.target)}" if row.stage.brings else ticker(row.target)


def _record(found: SwapStatus, *, now: datetime, texts: Texts, zone: str) -> list[Html]:
    """One line a stage; a longer time than usual says so."""
    lines = []
    for note, minutes in list(zip(found.record, found.minutes, strict=False))[-_MOST_NOTES:]:
        usual = USUAL_MINUTES.get(note.stage)
        slow = texts("status.usual", minutes=str(usual)) if usual and minutes > usual else Html()
        at = texts.times.at(_moment(note.at), now=now, zone=zone)
        over = note.stage.final
        key = "status.stage_over" if over else "status.stage"
        stage = Html(stage_name(note.stage, note.raw, texts))
        lines.append(texts(key, at=at, stage=stage, minutes=texts.numbers.count(minutes), slow=slow))
    return lines


def _deposit(stage: Stage, values: Mapping[str, object], texts: Texts) -> list[Html]:
    """To copy while it may be paid, and never without its memo; afterwards to compare a deposit with, and no more."""
    where, memo = address(values, "payin_address"), word(values, "payin_memo")
    name = memo_name(values, texts, of="payin_memo_name")
    if stage.awaits_deposit:
        said = texts("swap.with_memo", name=name, memo=copied(memo))
        return [texts("status.deposit", address=copied(where)), *([said] if memo else [])]
    said = texts("swap.memo", name=name, memo=label(memo))
    return [texts("status.deposit_past", address=grouped(where)), *([said] if memo else [])]


def _outcome(row: SwapRow, values: Mapping[str, object], texts: Texts) -> list[Html]:
    drift = figure(values, "drift")
    lines = [gets(values, texts)] if row.stage.brings else []
    if row.amount_in:
        lines.append(texts("swap.came_in", amount=exact(row.amount_in), source=ticker(row.source)))
    if row.paid_out:
        lines.append(texts("status.received", amount=exact(row.paid_out), target=ticker(row.target)))
    if row.network_fee and row.network_fee != str(values.get("network_fee")):
        fee = ticker(row.fee_ticker) if row.fee_ticker else Html()
        lines.append(texts("status.fee", amount=exact(row.network_fee), ticker=fee))
    if drift is not None:
        lines.append(texts("swap.drift", drift=texts.numbers.percent(drift)))
    if row.stage.brings:
        lines.append(texts("swap.to", address=grouped(address(values, "address"))))
    return lines


def _status_buttons(found: SwapStatus, texts: Texts) -> Keyboard:
    values, row = found.values, found.row
    again = run(texts.plain("button.refresh"), "status", row.id, in_place=True)
    seen = [
        link(texts.plain("button.payin"), values.get("payin_link")),
        link(texts.plain("button.payout"), values.get("payout_link")),
        link(texts.plain("button.refund"), values.get("refund_link")),
    ]
    track = link(texts.plain("button.track"), values.get("track_url"))
    return keyboard([None if row.stage.final else again, track], seen)


def _cells(row: SwapRow) -> Sequence[object]:
    return (
        row.id, _moment(row.created_at).isoformat(timespec="seconds"), row.raw_stage, row.kind.value, row.source,
        row.target, row.amount, row.amount_in, row.quoted, row.paid_out, row.network_fee, row.payout_address,
        row.payout_memo, row.payin_hash, row.payout_hash, row.refund_hash,
    )  # fmt: skip


def _cell(value: object) -> str:
    """A spreadsheet must not take what a vendor wrote for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t"} else text


def _about(value: Decimal | None, texts: Texts) -> Html:
    return Html(texts.numbers.approx(value))


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
