"""Changelly's coins and swaps as the desk's, of all dialects."""

from collections.abc import Mapping
from datetime import timedelta

from bot.domain.swaps import RateKind, Stage, Swap, SwapCoin
from bot.providers.swaps._fields import Row, count, instant, link, number, positive, rows, text, word

_MOST_NOTES = 5

_STAGES = {stage.value: stage for stage in Stage if stage is not Stage.UNKNOWN} | {
    "pending": Stage.WAITING,
    "confirmed": Stage.CONFIRMING,
}
"""The vendor's list, and what the third document calls by other names. Its "cancelled" is in no list: UNKNOWN."""


def stage(raw: str) -> Stage:
    return _STAGES.get(raw.lower(), Stage.UNKNOWN)


def coins(content: object) -> list[SwapCoin] | None:
    found = rows(content)
    return None if found is None else [coin for coin in map(_coin, found) if coin is not None]


def _coin(row: Row) -> SwapCoin | None:
    """`protocol` and `blockchain` are `coin` and `network` for accounts that were switched."""
    ticker = word(row.get("ticker")).lower()
    if not ticker:
        return None
    on = row.get("enabled") is True
    fixed_ms = count(row.get("fixedTime"))
    return SwapCoin(
        ticker=ticker,
        name=text(row.get("fullName")) or text(row.get("fullname")) or text(row.get("name")) or ticker.upper(),
        network=text(row.get("blockchain")) or text(row.get("network")),
        protocol=text(row.get("protocol")),
        contract=word(row.get("contractAddress")),
        pays_in=on and row.get("enabledFrom") is True,
        pays_out=on and row.get("enabledTo") is True,
        fixed=on and row.get("fixRateEnabled") is True,
        memo_name=text(row["extraIdName"]) if "extraIdName" in row else None,
        address_url=link(row.get("addressUrl")),
        transaction_url=link(row.get("transactionUrl")),
        confirmations=count(row.get("payinConfirmations")),
        fixed_time=timedelta(milliseconds=fixed_ms) if fixed_ms else None,
        notes=_notes(row.get("notifications")),
    )


def _notes(value: object) -> tuple[str, ...]:
    told = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return tuple(note for note in map(text, told) if note)[:_MOST_NOTES]


def swap(row: Row) -> Swap | None:
    """Of v1 and v2. None where it has no id."""
    if not (swap_id := word(row.get("id"))):
        return None
    source, target = _ticker(row, "currencyFrom"), _ticker(row, "currencyTo")
    raw_stage = text(row.get("status"))
    amount_in = positive(row.get("amountFrom"))
    # Zero, until there is one.
    fee = number(row.get("networkFee")) if amount_in else positive(row.get("networkFee"))
    return Swap(
        id=swap_id,
        source=source,
        target=target,
        stage=stage(raw_stage),
        raw_stage=raw_stage,
        kind=_kind(row.get("type")),
        payin_address=word(row.get("payinAddress")),
        payin_memo=_memo(row.get("payinExtraId")),
        payout_address=word(row.get("payoutAddress")),
        payout_memo=text(row.get("payoutExtraId")),
        refund_address=word(row.get("refundAddress")),
        amount_expected=positive(row.get("amountExpectedFrom")),
        target_expected=positive(row.get("amountExpectedTo")),
        amount_in=amount_in,
        amount_out=positive(row.get("amountTo")),
        network_fee=fee,
        fee_ticker=target if fee is not None else "",
        track_url=link(row.get("trackUrl")),
        pay_till=instant(row.get("payTill")),
        created_at=instant(row.get("createdAt")),
        received_at=instant(row.get("moneyReceived")),
        sent_at=instant(row.get("moneySent")),
        payin_hash=word(row.get("payinHash")),
        payout_hash=word(row.get("payoutHash")),
        refund_hash=word(row.get("refundHash")),
        payout_link=link(row.get("payoutHashLink")),
        refund_link=link(row.get("refundHashLink")),
        confirmations=count(row.get("payinConfirmations")),
    )


def _memo(value: object) -> str | None:
    """None where there is one that cannot be shown as it is: without it, the deposit would be lost."""
    found = text(value)
    return found if found or value is None or value == "" else None


def _ticker(row: Row, name: str) -> str:
    return word(row.get(name)).lower()


def _kind(value: object) -> RateKind | None:
    found = text(value).lower()
    return RateKind(found) if found in set(RateKind) else None


# --- the third document's ---------------------------------------------------------------------------------------------


def rest_coins(content: object, memo_coins: frozenset[str]) -> list[SwapCoin] | None:
    """It tells neither network nor memo."""
    found = rows(content)
    return None if found is None else [coin for row in found if (coin := _rest_coin(row, memo_coins)) is not None]


def _rest_coin(row: Row, memo_coins: frozenset[str]) -> SwapCoin | None:
    ticker = word(row.get("ticker")).lower()
    if not ticker:
        return None
    on = row.get("enabled") is True
    return SwapCoin(
        ticker=ticker,
        name=text(row.get("name")) or ticker.upper(),
        pays_in=on and row.get("payinEnabled") is True,
        pays_out=on and row.get("payoutEnabled") is True,
        memo_name="Memo" if ticker in memo_coins else None,
    )


_BEFORE_SENDING = frozenset({Stage.NEW, Stage.WAITING, Stage.CONFIRMING, Stage.EXCHANGING})


def rest_swap(row: Row) -> Swap | None:
    """It has no other than floating rates, calls the fee by another coin, and says nothing of memos and refunds."""
    if not (swap_id := word(row.get("id"))):
        return None
    source, target = _ticker(row, "currencyFrom"), _ticker(row, "currencyTo")
    raw_stage = text(row.get("status"))
    found = stage(raw_stage)
    fee, tx_hash = positive(row.get("networkFees")), word(row.get("txId"))
    return Swap(
        id=swap_id,
        source=source,
        target=target,
        # Floating swaps are overdue where fixed ones expire; this dialect has one word for both.
        stage=Stage.OVERDUE if found is Stage.EXPIRED else found,
        raw_stage=raw_stage,
        kind=RateKind.FLOAT,
        payin_address=word(row.get("payinAddress")),
        payin_memo=None,
        payout_address=word(row.get("payoutAddress")),
        amount_expected=positive(row.get("amountExpectedFrom")),
        target_expected=positive(row.get("amountExpectedTo")),
        amount_in=positive(row.get("amountFrom")),
        amount_out=positive(row.get("amountTo")),
        network_fee=fee,
        fee_ticker=source if fee is not None else "",
        created_at=instant(row.get("createdAt")),
        # One column for whatever went over a chain last; while it is sent on, nobody can tell which of the two it is.
        payin_hash=tx_hash if found in _BEFORE_SENDING else "",
        payout_hash=tx_hash if found is Stage.FINISHED else "",
        refund_hash=tx_hash if found is Stage.REFUNDED else "",
        confirmations=count(row.get("confirmations")),
    )
