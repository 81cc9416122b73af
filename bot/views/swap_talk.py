"""The steps of /swap: what is known, what is asked, and buttons that answer. `draft`: what the buttons call it by."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from bot.domain.addresses import Saved, Verdict
from bot.domain.replies import Button, Keyboard, Reply
from bot.domain.swap_pairs import nearest
from bot.domain.swaps import RateKind, SwapCoin, SwapLimits, SwapQuote
from bot.texts import Html, Texts
from bot.texts.names import label
from bot.texts.numbers import UNKNOWN
from bot.views.keyboard import grid, keyboard, run
from bot.views.order_words import number
from bot.views.swap_words import doubt, grouped, place, ticker

_MOST_SAVED = 8


def coins(draft: str, usual: Iterable[str], *, source: str = "", texts: Texts) -> Reply:
    """Which coin; `source`: that one is chosen already."""
    text = texts("swap.ask_target", source=ticker(source)) if source else texts("swap.ask_source")
    return Reply(text, _asked(draft, [(name.upper(), name) for name in usual], texts, width=4))


def networks(draft: str, typed: str, found: Sequence[SwapCoin], *, paid_out: bool, texts: Texts) -> Reply:
    """One coin, several networks: sent on the wrong one, it is lost."""
    key = "swap.ask_network_out" if paid_out else "swap.ask_network_in"
    choices = [(place(coin), f"={coin.ticker}") for coin in found]
    return Reply(texts(key, coin=ticker(typed)), _asked(draft, choices, texts, width=2))


def amount(
    draft: str, source: SwapCoin, target: SwapCoin, limits: SwapLimits, *, off: Decimal | None, texts: Texts
) -> Reply:
    """`off`: what was asked for, and is outside the limits; the nearest amount inside stands first."""
    head = texts("swap.amount_off", amount=number(off), source=ticker(source.ticker)) if off is not None else ""
    text = texts(
        "swap.ask_amount",
        source=place(source),
        target=place(target),
        least=number(limits.least) or UNKNOWN,
        most=number(limits.most) or UNKNOWN,
        ticker=ticker(source.ticker),
    )
    near = [nearest(limits, off)] if off is not None else [limits.least]
    choices = [(f"{number(each)} {ticker(source.ticker)}", number(each)) for each in near if each]
    return Reply(_joined([head, text]), _asked(draft, choices, texts))


def kinds(draft: str, target: SwapCoin, quotes: Sequence[tuple[RateKind, SwapQuote | None]], *, texts: Texts) -> Reply:
    """What each kind of rate would bring now."""
    lines = [texts("swap.ask_kind")]
    for kind, quote in quotes:
        got = quote.net if quote and quote.net is not None else quote.gross if quote else None
        shown = Html(texts.numbers.approx(got))
        lines.append(texts(f"swap.kind_{kind.value}", amount=shown, target=ticker(target.ticker)))
    choices = [(texts.plain(f"button.kind_{kind.value}"), kind.value) for kind, _ in quotes]
    return Reply("\n".join(lines), _asked(draft, choices, texts, width=2))


def payout(draft: str, coin: SwapCoin, book: Sequence[Saved], *, texts: Texts) -> Reply:
    return Reply(texts("swap.ask_address", coin=place(coin)), _asked(draft, _saved(book), texts, width=2))


def refund(
    draft: str, coin: SwapCoin, book: Sequence[Saved], said: Sequence[str], *, needed: bool, texts: Texts
) -> Reply:
    """`needed`: a fixed rate is not made without. `said`: what is to be told of the payout address before."""
    key = "swap.ask_refund_needed" if needed else "swap.ask_refund"
    skip = [] if needed else [(texts.plain("button.no_refund"), "-")]
    text = _joined([*said, texts(key, coin=place(coin))])
    return Reply(text, _asked(draft, [*_saved(book), *skip], texts, width=2))


def memo(draft: str, coin: SwapCoin, said: Sequence[str], *, texts: Texts) -> Reply:
    """A step of its own: without its memo a deposit at an exchange finds nobody."""
    name = label(coin.memo_name, 24) if coin.memo_name else texts("swap.memo_plain")
    text = _joined([*said, texts("swap.ask_memo", coin=place(coin), name=name)])
    none = texts.plain("button.no_memo")
    return Reply(text, _asked(draft, [(none, "-")], texts))


def bait(draft: str, address: str, saved: Saved, *, texts: Texts) -> Reply:
    """A look-alike of a saved address: the flow stops here. What differs is marked."""
    text = texts(
        "swap.bait",
        label=label(saved.label, 24),
        typed=grouped(address, unlike=saved.address),
        saved=grouped(saved.address, unlike=address),
    )
    choice = (texts.plain("button.use_saved", label=label(saved.label, 24)), f"@{saved.id}")
    return Reply(text, _asked(draft, [choice], texts))


def change(draft: str, *, texts: Texts) -> Reply:
    """Which part of a quote shall be another."""
    parts = ("amount", "rate", "to", "refund", "into")
    choices = [(texts.plain(f"button.change_{part}"), part) for part in parts]
    return Reply(texts("swap.ask_change"), _asked(draft, choices, texts, width=2))


def taken(address: str, verdict: Verdict, coin: SwapCoin, *, texts: Texts) -> list[Html]:
    """The whole address as it was understood, and what could not be checked about it."""
    return [texts("swap.address_taken", coin=place(coin), address=grouped(address)), doubt(verdict, texts)]


def _asked(draft: str, choices: Sequence[tuple[str, str]], texts: Texts, *, width: int = 1) -> Keyboard:
    buttons: list[Button | None] = [run(label(text, 60), "swap", draft, word, in_place=True) for text, word in choices]
    leave = run(f"✖ {texts.plain('button.cancel')}", "cancel", in_place=True)
    return keyboard(*grid(buttons, width), [leave])


def _saved(book: Sequence[Saved]) -> list[tuple[str, str]]:
    return [(f"📒 {label(saved.label, 24)}", f"@{saved.id}") for saved in book[:_MOST_SAVED]]


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(filter(None, parts))
