"""What a person has: one account, or all of them with the share of each coin and each exchange."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.domain.balances import Portfolio, Statement, Worth
from bot.domain.money import EXACT
from bot.domain.orders import Wallet
from bot.domain.replies import Reply
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN
from bot.views.keyboard import keyboard, run
from bot.views.order_words import amount, number
from bot.views.orders import missing

_MOST_LINES = 25
_MOST_ACCOUNTS = 12
_BAR_CELLS = 10


def statement(one: Statement, *, wallets: Sequence[Wallet], now: datetime, texts: Texts) -> Reply:
    """One account. `wallets`: those this exchange has, to switch between."""
    shown = one.lines[:_MOST_LINES]
    named = not one.label or one.label.lower() in {one.vendor, one.title.lower()}
    lines = [
        texts(
            "balance.head",
            exchange=label(one.title) if named else f"{label(one.title)} “{label(one.label, 24)}”",
            wallet=_wallets(one.wallets, texts),
            fingerprint=one.fingerprint,
        ),
        *(_line(each, texts, wallet=len(one.wallets) > 1) for each in shown),
        "" if one.lines else texts("balance.empty"),
        _more(one.lines[_MOST_LINES:], texts),
        texts("balance.total", total=texts.numbers.usd(one.usd)) if one.lines else "",
        _unpriced(one.unpriced, texts),
        texts("balance.age", age=texts.times.age((now - one.at).total_seconds())),
    ]
    here = one.wallets[0] if len(one.wallets) == 1 else None
    switches = [
        run(
            f"{'✓' if wallet is here else ''}{texts.plain(f'wallet.{wallet.value}')}",
            *("balance", one.vendor, wallet.value),
            in_place=True,
        )
        for wallet in wallets
    ]
    refresh = run(texts.plain("button.refresh"), "balance", one.vendor, *([here.value] if here else []), in_place=True)
    all_ = run(texts.plain("button.portfolio"), "balance", "all", in_place=True)
    return Reply(_joined(lines), keyboard([refresh, all_], switches if len(switches) > 1 else []))


def portfolio(whole: Portfolio, *, now: datetime, texts: Texts) -> Reply:
    """All accounts together. Who did not answer is named: his part is in no sum."""
    total = whole.usd
    assets = whole.assets()
    lines = [
        texts("portfolio.head", total=texts.numbers.usd(total)),
        *(_asset(*each, total, texts) for each in assets[:_MOST_LINES]),
        texts("orders.more", n=texts.numbers.count(len(assets) - _MOST_LINES)) if len(assets) > _MOST_LINES else "",
        "" if assets else texts("balance.empty"),
        *(_venue(one, total, texts) for one in whole.statements[:_MOST_ACCOUNTS]),
        *missing(whole.silent, texts, now=now),
        _unpriced([asset for asset, _, usd in assets if usd is None], texts),
        texts("portfolio.partly") if whole.silent else "",
    ]
    vendors = dict.fromkeys(one.vendor for one in whole.statements)
    titles = {one.vendor: one.title for one in whole.statements}
    each = [run(label(titles[vendor], 20), "balance", vendor, in_place=True) for vendor in vendors]
    refresh = run(texts.plain("button.refresh"), "balance", "all", in_place=True)
    return Reply(_joined(lines), keyboard([refresh], each))


def _line(one: Worth, texts: Texts, *, wallet: bool) -> Html:
    holding = one.holding
    return texts(
        "balance.line",
        asset=label(holding.asset, 16),
        total=amount(holding.total),
        usd=texts.numbers.usd(one.usd),
        free=number(holding.free) or UNKNOWN,
        used=number(holding.used) or UNKNOWN,
        wallet=f" · {texts.plain(f'wallet.{one.wallet.value}')}" if wallet else "",
    )


def _asset(asset: str, total: Decimal, usd: Decimal | None, whole: Decimal | None, texts: Texts) -> Html:
    share = _share(usd, whole)
    return texts(
        "portfolio.line",
        asset=label(asset, 16),
        amount=amount(total),
        usd=texts.numbers.usd(usd),
        share=texts.numbers.share(share),
        bar=_bar(share),
    )


def _venue(one: Statement, whole: Decimal | None, texts: Texts) -> Html:
    return texts(
        "portfolio.venue",
        exchange=label(one.title),
        usd=texts.numbers.usd(one.usd),
        share=texts.numbers.share(_share(one.usd, whole)),
        wallets=_wallets(one.wallets, texts),
    )


def _more(rest: Sequence[Worth], texts: Texts) -> Html:
    return texts("orders.more", n=texts.numbers.count(len(rest))) if rest else Html()


def _unpriced(assets: Sequence[str], texts: Texts) -> Html:
    if not assets:
        return Html()
    named = ", ".join(label(asset, 16) for asset in assets[:_BAR_CELLS])
    return texts("balance.unpriced", assets=named + (" …" if len(assets) > _BAR_CELLS else ""))


def _wallets(wallets: Sequence[Wallet], texts: Texts) -> str:
    return " + ".join(texts.plain(f"wallet.{wallet.value}") for wallet in wallets) or UNKNOWN


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return EXACT.divide(part * 100, whole) if part is not None and whole else None


def _bar(share: Decimal | None) -> str:
    full = min(_BAR_CELLS, max(0, round(share / 10))) if share is not None else 0
    return "▰" * full + "▱" * (_BAR_CELLS - full)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(filter(None, lines))
