"""A swap put together step by step: what is missing is asked for, what is known is checked, and then it is offered."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.domain.errors import BotError, Refused, UserMistake
from bot.domain.replies import Answer, Reply
from bot.domain.swap_log import SwapWish
from bot.domain.swap_pairs import candidates, told_limits, within
from bot.domain.swaps import RateKind, SwapCoin, SwapLimits, SwapQuote
from bot.views import qr
from bot.views import swap_talk as view
from handlers import _order_line, _second_step
from handlers._call import Call
from handlers._swap_line import KINDS, NO_MEMO, NONE, Line, read, stamp

USUAL = ("btc", "eth", "usdt", "usdc", "sol", "xrp", "ltc", "trx", "doge", "xmr", "bnb", "xlm")
Asking = Callable[[str], Reply]


async def next_step(call: Call) -> Answer:
    """Asks for what is missing; with nothing missing, the swap is offered."""
    words = await _meant(call)
    return await _Draft(call, read(words), words[-1] if words else "").walked()


async def change(call: Call, wish: SwapWish, amount: str = "") -> Answer:
    """Everything of an offer stands but the amount; without one, which part shall be another is asked."""
    known = Line(
        amount=amount or f"{wish.amount:f}", source=f"={wish.source}", target=f"={wish.target}", kind=wish.kind.value,
        address=wish.address, memo=wish.memo or NONE, refund=wish.refund_address or NONE,
        # Of an address that is not there yet nobody has said that it has no memo.
        refund_memo=wish.refund_memo or (NONE if wish.refund_address else ""),
    )  # fmt: skip
    draft = _Draft(call, known)
    return await (draft.walked() if amount else draft.changed())


async def _meant(call: Call) -> list[str]:
    """The words of a line; behind `~…` those of the open question, and what a button adds to them."""
    args = list(call.args)
    if not args or not args[0].startswith("~"):
        return args
    name, *words = (await call.services.dialogs.pending(call.user.id, call.mark.address.chat_id)).split() or [""]
    if name != "swap" or stamp(words) != args[0]:
        raise UserMistake("swap.draft_over", suggestions=(("/swap", "swap"),))
    return [*words, *args[1:]]


class _Draft:
    """Each step returns the question that is open, or None; what it learns stands in `line`. `newest`: the word that
    was said just now.
    """

    def __init__(self, call: Call, line: Line, newest: str = "") -> None:
        self._call = call
        self._swaps = call.services.swaps
        self._book = call.services.addresses
        self._texts = call.texts
        self._said: list[str] = []
        self._newest = newest
        self.line = line
        self._source: SwapCoin
        self._target: SwapCoin

    async def walked(self) -> Answer:
        for step in (self.source, self.target, self.amount, self.kind, self.payout, self.memo, self.refund,
                     self.refund_memo):  # fmt: skip
            if question := await step():
                return question
        try:
            return await self.offer()
        except Refused as error:
            # The limits moved since they were looked up.
            if limits := told_limits(error):
                return await self._ask_amount(limits, self._amount())
            raise

    # --- the steps ------------------------------------------------------------------------------------------------

    async def source(self) -> Reply | None:
        found, question = await self._coin("source")
        if found:
            self._source = found
            self._require_memo_told(found)
        return question

    async def target(self) -> Reply | None:
        found, question = await self._coin("target")
        if found:
            self._target = found
        if found and found.ticker == self._source.ticker:
            raise UserMistake("swap.same_coin", ticker=found.ticker)
        return question

    async def amount(self) -> Reply | None:
        kind = KINDS.get(self.line.kind, RateKind.FLOAT)
        limits = await self._swaps.limits(self._call.user, self._source.ticker, self._target.ticker, kind)
        amount = self._amount() if self.line.amount else None
        return None if amount is not None and within(limits, amount) else await self._ask_amount(limits, amount)

    async def kind(self) -> Reply | None:
        both = bool(self._swaps.traits and self._swaps.traits.fixed and self._source.fixed and self._target.fixed)
        wanted = KINDS.get(self.line.kind)
        if wanted is RateKind.FIXED and not both:
            line = " ".join(["swap", *replace(self.line, kind="float").words()])
            raise UserMistake(
                "swap.no_fixed",
                ticker=self._source.ticker,
                suggestions=((self._texts.plain("button.kind_float"), line),),
            )
        if wanted or not both:
            self.line = replace(self.line, kind=(wanted or RateKind.FLOAT).value)
            return None
        quotes = [(kind, await self._quoted(kind)) for kind in RateKind]
        return await self._ask("kind", lambda draft: view.kinds(draft, self._target, quotes, texts=self._texts))

    async def payout(self) -> Reply | None:
        if not self.line.address:
            book = await self._book.usable(self._call.user.id, self._target)
            return await self._ask("address", lambda draft: view.payout(draft, self._target, book, texts=self._texts))
        return await self._checked("address", self._target)

    async def memo(self) -> Reply | None:
        return await self._memo("memo", self._target)

    async def refund(self) -> Reply | None:
        traits, fixed = self._swaps.traits, self.line.kind == RateKind.FIXED
        if traits and not traits.refunds:
            self.line = replace(self.line, refund=NONE)
        if self.line.refund and not (fixed and self.line.refund == NONE):
            return None if self.line.refund == NONE else await self._checked("refund", self._source)
        book = await self._book.usable(self._call.user.id, self._source)
        return await self._ask(
            "refund",
            lambda draft: view.refund(draft, self._source, book, self._said, needed=fixed, texts=self._texts),
        )

    async def refund_memo(self) -> Reply | None:
        return await self._memo("refund_memo", self._source) if self.line.refund != NONE else None

    async def offer(self) -> Answer:
        """A new address takes more than a little only by a code, or when it has been in the book for a day."""
        call, amount = self._call, self._amount()
        words = ("swap", *self.line.words())
        wish = SwapWish(
            source=self._source.ticker, target=self._target.ticker, amount=amount, address=self.line.address,
            kind=RateKind(self.line.kind), memo=_given(self.line.memo), refund_address=_given(self.line.refund),
            refund_memo=_given(self.line.refund_memo), book=await self._label(),
        )  # fmt: skip
        usd = await self._swaps.worth(call.user, self._source, self._target, amount, wish.kind)
        await asyncio.to_thread(qr.warm)

        async def act() -> None:
            to = (call.user, self._target, wish.address, wish.memo)
            if await self._book.admit(*to, usd, call.code, call.mark):
                await self._swaps.offer(call.user, wish, call.mark)

        return await _second_step.asked(replace(call, name=words[0], args=words[1:]), act())

    async def changed(self) -> Reply:
        words = self.line.words()
        await self._call.services.dialogs.ask(
            self._call.user.id, self._call.mark.address.chat_id, " ".join(["swap", *words])
        )
        return view.change(stamp(words), texts=self._texts)

    # --- how they ask and check -------------------------------------------------------------------------------------

    async def _ask(self, field: str, asking: Asking) -> Reply:
        """The draft waits in its row for the word that fills `field`: typed, or brought by a button."""
        words = self.line.words(wanted=field)
        await self._call.services.dialogs.ask(
            self._call.user.id, self._call.mark.address.chat_id, " ".join(["swap", *words])
        )
        return asking(stamp(words))

    async def _coin(self, field: str) -> tuple[SwapCoin | None, Reply | None]:
        typed, paid_out = getattr(self.line, field), field == "target"
        coins = await self._swaps.coins()
        if not typed:
            source = self._source.ticker if paid_out else ""
            usual = [each for each in USUAL if each != source and candidates(each, _usable(coins, paid_out=paid_out))]
            question = await self._ask(field, lambda draft: view.coins(draft, usual, source=source, texts=self._texts))
            return None, question
        found = candidates(typed, _usable(coins, paid_out=paid_out))
        if len(found) == 1:
            self.line = replace(self.line, **{field: f"={found[0].ticker}"})
            return found[0], None
        if not found:
            await self._swaps.coin(typed.removeprefix("="))  # its own words for what it does not know
            raise UserMistake("swap.no_payout" if paid_out else "swap.no_payin", ticker=typed.removeprefix("="))
        question = await self._ask(
            field, lambda draft: view.networks(draft, typed, found, paid_out=paid_out, texts=self._texts)
        )
        return None, question

    async def _ask_amount(self, limits: SwapLimits, off: Decimal | None) -> Reply:
        return await self._ask(
            "amount",
            lambda draft: view.amount(draft, self._source, self._target, limits, off=off, texts=self._texts),
        )

    async def _quoted(self, kind: RateKind) -> SwapQuote | None:
        """What cannot be quoted now is shown as unknown: it may be chosen all the same, and is quoted again."""
        try:
            return await self._swaps.quote(
                self._call.user, self._source.ticker, self._target.ticker, self._amount(), kind
            )
        except BotError:
            return None

    async def _checked(self, field: str, coin: SwapCoin) -> Reply | None:
        """By its network's rules and beside the book each time; by the provider once, and again when it is offered."""
        word: str = getattr(self.line, field)
        saved = await self._book.meant(self._call.user.id, coin, word)
        if word.startswith("@") and not saved:
            raise UserMistake("address.unknown", suggestions=(("/addresses", "addresses"),))
        address = saved.address if saved else word
        fit = await self._book.fit(self._call.user.id, coin, address)
        if fit.bait:
            bait = fit.bait
            return await self._ask(field, lambda draft: view.bait(draft, address, bait, texts=self._texts))
        asked = self._newest == word
        if asked and await self._swaps.validate(self._call.user, coin.ticker, address, "") is False:
            raise UserMistake("swap.bad_address", ticker=coin.ticker, network=coin.network)
        self.line = replace(self.line, **{field: address} | _memo_of(field, saved.memo if saved else ""))
        self._said = [*view.taken(address, fit.verdict, coin, texts=self._texts)]
        return None

    def _require_memo_told(self, coin: SwapCoin) -> None:
        """Said before anything else is asked: without its memo the deposit would be lost."""
        traits = self._swaps.traits
        if traits and not traits.memos and self._swaps.has_memo(coin):
            raise UserMistake("swap.memo_untold", ticker=coin.ticker, exchange=traits.title)

    async def _memo(self, field: str, coin: SwapCoin) -> Reply | None:
        """Asked for wherever the coin has one: that there is none is an answer, too. Checked beside its address."""
        word: str = getattr(self.line, field)
        if word.lower() in NO_MEMO:
            self.line = replace(self.line, **{field: NONE})
            return None
        self._swaps.require_memo(coin, word)
        if not word and self._swaps.has_memo(coin):
            return await self._ask(field, lambda draft: view.memo(draft, coin, self._said, texts=self._texts))
        if word and self._newest == word:
            address = self.line.address if field == "memo" else self.line.refund
            if await self._swaps.validate(self._call.user, coin.ticker, address, word) is False:
                raise UserMistake("swap.bad_memo", ticker=coin.ticker)
        return None

    async def _label(self) -> str:
        book = await self._book.usable(self._call.user.id, self._target)
        memo = _given(self.line.memo)
        return next((one.label for one in book if one.same(one.network, self.line.address, memo)), "")

    def _amount(self) -> Decimal:
        return _order_line.number(self.line.amount, " ".join(["swap", *self.line.words()]))


def _usable(coins: Sequence[SwapCoin], *, paid_out: bool) -> list[SwapCoin]:
    return [coin for coin in coins if (coin.pays_out if paid_out else coin.pays_in)]


def _memo_of(field: str, memo: str) -> dict[str, str]:
    return {"memo" if field == "address" else "refund_memo": memo} if memo else {}


def _given(word: str) -> str:
    return "" if word == NONE else word
