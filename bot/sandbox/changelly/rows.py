"""The vendor's objects, field by field, in the words and units of each dialect."""

from decimal import ROUND_DOWN, Decimal
from typing import Any, Literal, TypeAlias

from bot.sandbox.changelly.coins import FIXED_TIME_MS, SwapCoin
from bot.sandbox.changelly.engine import FixedRate
from bot.sandbox.changelly.pricing import EIGHT, FEE, Estimate, Limits
from bot.sandbox.changelly.transactions import Transaction
from bot.sandbox.changelly.wire import iso, iso_offset, microseconds, seconds
from bot.sandbox.coincodex.wire import plain as shortest

Dialect: TypeAlias = Literal["v1", "v2", "rest"]
FEE_PERCENT, EXTRA_PERCENT = "0.4", "0.00"
Row: TypeAlias = dict[str, Any]


def plain(value: Decimal) -> str:
    """All digits, never an exponent."""
    return f"{value:f}"


def currency(coin: SwapCoin) -> Row:
    """One of getCurrenciesFull."""
    return {
        "name": coin.ticker.upper(),
        "ticker": coin.ticker,
        "fullName": coin.name,
        "enabled": coin.enabled,
        "enabledFrom": coin.enabled and coin.pays_in,
        "enabledTo": coin.enabled and coin.pays_out,
        "fixRateEnabled": coin.enabled and coin.fixed,
        "payinConfirmations": coin.confirmations,
        "extraIdName": coin.memo,
        "addressUrl": coin.explorer[0],
        "transactionUrl": coin.explorer[1],
        "image": f"https://cdn.changelly.example/{coin.ticker}.svg",
        "fixedTime": FIXED_TIME_MS,
        "protocol": coin.protocol,
        "blockchain": coin.network,
        "contractAddress": coin.contract,
        "notifications": coin.notifications,
    }


def estimate(made: Estimate, dialect: Dialect) -> Row:
    """A floating quote; `amountTo` is before the network fee. What v1 calls `amount` is the amount asked about."""
    row = {
        "from": made.source.ticker,
        "to": made.target.ticker,
        "networkFee": plain(made.network_fee),
        "visibleAmount": plain(made.visible),
        "rate": plain(made.rate.quantize(EIGHT, ROUND_DOWN)),
        "fee": plain(made.fee),
    }
    if dialect == "v1":
        return row | {"amount": plain(made.amount), "result": plain(made.gross)}
    return row | {"amountFrom": plain(made.amount), "amountTo": plain(made.gross)} | _limits(made.limits)


def fixed_quote(made: FixedRate) -> Row:
    """A fixed quote; `result` is the rate before, `amountTo` the amount after the network fee."""
    return fixed_rate(made) | {"amountFrom": plain(made.amount), "amountTo": plain(made.net)}


def fixed_rate(made: FixedRate) -> Row:
    """The same without amounts. `expiredAt` is in seconds, unlike all else."""
    return {
        "id": made.id,
        "from": made.source.ticker,
        "to": made.target.ticker,
        "result": plain(made.rate),
        "networkFee": plain(made.target.network_fee),
        **_limits(made.limits),
        "expiredAt": seconds(made.expires_at),
    }


def created(swap: Transaction, dialect: Dialect) -> Row:
    """The answer to a creation: v2 leaves out what there is none of, v1 says null."""
    row = {
        "id": swap.id,
        "trackUrl": _track(swap),
        "createdAt": iso(swap.created_at) if dialect == "v1" else microseconds(swap.created_at),
        "type": swap.kind,
        "status": swap.status,
        "currencyFrom": swap.source.ticker,
        "currencyTo": swap.target.ticker,
        "payinAddress": swap.payin_address,
        "payinExtraId": swap.payin_memo,
        "payoutAddress": swap.payout_address,
        "payoutExtraId": swap.payout_memo,
        "refundAddress": swap.refund_address,
        "refundExtraId": swap.refund_memo,
        "amountExpectedFrom": plain(swap.expected_from),
        "amountExpectedTo": plain(swap.expected_to),
    }
    if swap.kind == "fixed":
        row["payTill"] = iso_offset(swap.pay_till)
    if dialect == "v1":
        return row | {"changellyFee": FEE_PERCENT, "apiExtraFee": EXTRA_PERCENT}
    return {name: value for name, value in row.items() if value is not None} | {"networkFee": plain(swap.network_fee)}


def transaction(swap: Transaction, dialect: Dialect, now: float) -> Row:
    """One of getTransactions."""
    unit = seconds if dialect == "v1" else microseconds
    known = swap.amount_to is not None
    fee = (swap.expected_to * FEE).quantize(EIGHT, ROUND_DOWN) + swap.network_fee
    return {
        "id": swap.id,
        "trackUrl": _track(swap),
        "createdAt": unit(swap.created_at),
        "type": swap.kind,
        "moneyReceived": unit(swap.received_at),
        "moneySent": unit(swap.sent_at),
        "rate": plain((swap.expected_to / swap.expected_from).quantize(EIGHT)),
        "payinConfirmations": str(swap.confirmations(now)),
        "status": swap.status,
        "currencyFrom": swap.source.ticker,
        "currencyTo": swap.target.ticker,
        "payinAddress": swap.payin_address,
        "payinExtraId": swap.payin_memo,
        "payinExtraIdName": swap.source.memo,
        "payinHash": swap.payin_hash,
        "payoutAddress": swap.payout_address,
        "payoutExtraId": swap.payout_memo,
        "payoutExtraIdName": swap.target.memo,
        "payoutHash": swap.payout_hash,
        "payoutHashLink": _link(swap.target, swap.payout_hash),
        "refundAddress": swap.refund_address,
        "refundExtraId": swap.refund_memo,
        "refundHash": swap.refund_hash,
        "refundHashLink": _link(swap.source, swap.refund_hash),
        "amountExpectedFrom": plain(swap.expected_from),
        "amountExpectedTo": plain(swap.expected_to),
        "amountFrom": "" if swap.amount_from is None else plain(swap.amount_from),
        "amountTo": "0" if swap.amount_to is None else plain(swap.amount_to),
        "networkFee": plain(swap.network_fee) if known else None,
        "changellyFee": FEE_PERCENT,
        "apiExtraFee": EXTRA_PERCENT,
        "totalFee": plain(fee) if known else None,
        "canPush": swap.status == "failed" and swap.kind == "float",
        "canRefund": swap.status in {"failed", "hold"},
    }


def _limits(limits: Limits) -> Row:
    least, most, least_to, most_to = map(shortest, limits)
    return {"min": least, "minFrom": least, "minTo": least_to, "max": most, "maxFrom": most, "maxTo": most_to}


def _track(swap: Transaction) -> str:
    return f"https://changelly.com/track/{swap.id}"


def _link(coin: SwapCoin, hash_: str | None) -> str | None:
    template = coin.explorer[1]
    return template.replace("%1$s", hash_) if hash_ and template else None
