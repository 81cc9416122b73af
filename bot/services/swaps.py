"""Swaps: quoted, offered, made at most once, watched to the end.

Offers are pressed like those of orders: `!confirm <intent>`, `!dismiss <intent>`, `again <intent>` are the trading
service's, which sends each intent its own way. Every write answers through the outbox: a handler returns STORED.
What cannot be offered is raised: UserMistake, NotAllowed, Unavailable, Refused; nothing was stored then.

Notices (kind: values). All kinds `swap_*` but the last have the values of SWAP:

  intent, short         its id, which the buttons name, and four signs of it to tell people apart
  vendor, exchange      `changelly`, `Changelly`
  account, fingerprint  the label of his own key and its fingerprint; '' where it is the operator's
  source, target        the provider's tickers, lower case: `btc`, `usdtrx`
  source_name, target_name, source_network, target_network    '' where not told
  rate_kind             float | fixed
  amount                what is to be sent, the very text that goes out
  gross, network_fee, net   of the quote, in target; '' where the dialect cannot know. Show `net`, or gross and "—"
  rate                  target per source, before the network fee
  least, most           limits of the amount; '' not known
  address, memo, memo_name  where it is paid out; book: what he calls it, ''
  payin_memo_name           what a deposit's memo is called; '' where the coin has none
  refund_address, refund_memo
  address_verdict, refund_verdict   bot.domain.addresses.Verdict; '' for no refund address. Said where it is not sound
  usd                   worth in US dollars, for the limits
  notes                 list of the provider's own warnings about both coins
  expires_at            ms since 1970: until then the button works, never beyond `rate_until`
  rate_until            ms: until then a fixed rate holds; 0: it floats. If it ends amid the press, there is a new card
  why                   '' | moved (more than 1 % away from what the old card said) | expired (the fixed rate was over)
  left_today            how many swaps he may still make today under the operator's key; -1: his own key, no quota
  phrase                the person's own anti-phishing phrase; ''
  reason, reason_values a text key of the catalogue and what fills it; '' and {}

  swap_offered          the card to press: Confirm, Dismiss
  swap_sending          under way; no buttons
  swap_rejected         the provider said no: `reason`. Button: `again`; where the amount is out of range, the nearest
  swap_refused          not sent by us: `reason` (limit, lock, halt, quota, restart …). Buttons: the same
  swap_expired          90 s, or the fixed rate, are over; or `reason` intent.dismissed. Button: `again`
  swap_unknown          "I do not know yet. Do not repeat it, send nothing."
  swap_not_placed       surely no swap of it. Button: `again`
  swap_needs_human      nobody can say by himself: `reason` swap.two_found (two swaps fit), swap.cannot_look_up (this
                        dialect has no look-up), or '' (no answer for a quarter of an hour). Nothing is sent again.
                        "If you ask again it is a new swap; send nothing to an address that is not on a card of mine."

Once there is a swap, SWAP and also:

  swap                  the provider's id
  stage, raw_stage      bot.domain.swaps.Stage, and the provider's own word
  payin_address         where to send; '' where it is `withheld`
  payin_memo            must be attached; '' none
  withheld              '' | swap.bad_deposit_address | swap.other_payout | swap.no_memo: why no address is shown;
                        admins know
  pay_till              ms; 0 not known
  track_url, created_at (ms), stage_at (ms: since when it stands so), seen_at (ms: when the provider last told of it)
  amount_in, amount_out what came in, what was paid out; '' before, and without, its end
  drift                 amount_out against net, signed percent; ''
  payin_hash, payout_hash, refund_hash, payin_link, payout_link, refund_link
  confirmations, confirmations_needed     whole numbers; -1 not known

  swap_card             by its stage: the deposit card while new or waiting; it is edited from then on, silently. Its
                        first one is the answer to the press
  swap_told             loud, in answer to the card; stage is one of finished failed refunded hold overdue expired.
                        In all languages each stage is told once; hold and failed again where they come back hours later
  swap_code             the deposit address as a picture, once, in answer to the card
  swap_nudge            half of the time to pay is over, or without a deadline (pay_till 0) half an hour, and no deposit
                        was seen; once
  swap_stalled          minutes, usual_minutes: this stage takes long; silent_minutes: since the provider last answered
                        (0: it answers). Said once at the usual time, then after 4, 16, 64 times of it …

  swap_key_refused      to an admin: exchange, since (ms): the operator's key is turned away. Once, then once a day
  swap_alert            to an admin: why (needs_human | unknown_stage | bad_deposit_address | other_payout | no_memo),
                        intent, short, user_id, exchange, swap, raw_stage, source, target
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.domain.errors import UserMistake
from bot.domain.intents import Action
from bot.domain.notices import Mark
from bot.domain.ports import SwapProvider
from bot.domain.swap_log import SwapRow, SwapStatus, SwapWish
from bot.domain.swaps import RateKind, SwapCoin, SwapLimits, SwapQuote, SwapTraits
from bot.domain.users import User
from bot.scheduler import Nursery
from bot.services import _swap_status as status
from bot.services._address_checks import network_told
from bot.services._cache import Cache
from bot.services._desk import Desk
from bot.services._offers import Offered, own_intent, shown
from bot.services._swap_desk import ALL, COINS_FRESH_S, SwapDesk, matching
from bot.services._swap_keys import OperatorsKey
from bot.services._swap_offers import SwapOffers, needs_memo, require_memo, wish_of, worth_of
from bot.services._swap_watch import Watching
from bot.services._swapping import Swapping
from bot.services._way import Way

__all__ = ["Offered", "SwapWish", "Swaps"]

MOST_LISTED = 20
MOST_EXPORTED = 10_000


class Swaps:
    """`provider` None: swaps are off, and whoever asks is told so (UserMistake). `quota`: swaps a person may make in
    one day under the operator's key. Reads raise Unavailable, Refused and UserMistake.
    """

    def __init__(self, desk: Desk, provider: SwapProvider | None, nursery: Nursery, *, quota: int, poll_s: int) -> None:
        self._store = desk.store
        self._provider = provider
        self._swaps: SwapDesk | None = None
        if provider:

            async def fetch(_keys: Sequence[str]) -> Mapping[str, Mapping[str, SwapCoin]]:
                return {ALL: {coin.ticker: _placed(coin) for coin in await provider.coins()}}

            cache = Cache(fetch, fresh_s=COINS_FRESH_S, clock=desk.clock, nursery=nursery, most=1)
            self._swaps = SwapDesk(desk, provider, cache, quota, poll_s)
            self._offers = SwapOffers(self._swaps)
            self._watching = Watching(self._swaps)
            self._operators_key = OperatorsKey(desk, provider)

    @property
    def ways(self) -> Mapping[Action, Way]:
        """For the trading service, which presses all buttons."""
        return {Action.SWAP: Swapping(self._swaps, self._offers)} if self._swaps else {}

    @property
    def traits(self) -> SwapTraits | None:
        """None: swaps are off."""
        return self._provider.traits if self._provider else None

    # --- asked --------------------------------------------------------------------------------------------------------

    async def coins(self, search: str = "") -> Sequence[SwapCoin]:
        """By ticker, name or network, nearest first; those that are on before those that are off."""
        return matching((await self._on.all_coins()).values(), search)

    async def coin(self, ticker: str) -> SwapCoin:
        """Exactly this one. Raises UserMistake("swap.coin_unknown", typed=, likely=[tickers])."""
        return await self._on.coin(ticker)

    def has_memo(self, coin: SwapCoin) -> bool:
        """Whether its addresses may have a second part; by its network where the dialect does not tell."""
        return needs_memo(coin)

    def require_memo(self, coin: SwapCoin, memo: str) -> None:
        """Raises UserMistake for a memo that can be none of this coin."""
        require_memo(coin, memo)

    async def quote(self, user: User, source: str, target: str, amount: Decimal, kind: RateKind) -> SwapQuote:
        """Under the person's own key where he has one, as his offer will be."""
        return await (await self._on.key_of(user.id)).account.quote(source, target, amount, kind)

    async def limits(self, user: User, source: str, target: str, kind: RateKind) -> SwapLimits:
        return await (await self._on.key_of(user.id)).account.limits(source, target, kind)

    async def rate(self, user: User, source: str, target: str, amount: Decimal, *, reverse: bool = False) -> Decimal:
        """What `amount` of source brings in target; `reverse`: of target, in source. To be shown."""
        return await (await self._on.key_of(user.id)).account.rate(source, target, amount, reverse=reverse)

    async def validate(self, user: User, ticker: str, address: str, memo: str = "") -> bool | None:
        """What the provider says of an address. None: this dialect cannot check."""
        return await (await self._on.key_of(user.id)).account.validate(ticker, address, memo)

    async def worth(self, user: User, source: SwapCoin, target: SwapCoin, amount: Decimal, kind: RateKind) -> Decimal:
        """In US dollars, by the larger side, as an offer is weighed. Raises UserMistake where nobody says of either."""
        quote = await self.quote(user, source.ticker, target.ticker, amount, kind)
        return await self._on.worth((source, amount), (target, worth_of(quote)))

    # --- made ---------------------------------------------------------------------------------------------------------

    async def offer(self, user: User, wish: SwapWish, mark: Mark) -> Offered:
        """Checks all there is to check, stores the intent, shows the card. Nothing is sent before its button."""
        if not self._swaps:
            raise UserMistake("swap.off")
        return await shown(self._store, await self._offers.make(user, wish, mark.address.chat_id), mark)

    async def wish(self, user: User, intent_id: str) -> SwapWish:
        """What one of his offers was of, to be changed. Raises UserMistake, NotAllowed."""
        return wish_of(await self._store.read(lambda tx: own_intent(tx, user, intent_id)))

    # --- looked at ----------------------------------------------------------------------------------------------------

    async def list(self, user: User, most: int = MOST_LISTED) -> Sequence[SwapRow]:
        """His own, newest first."""
        return await self._store.read(lambda tx: tx.swaps.of_user(user.id, most))

    async def export(self, user: User) -> Sequence[SwapRow]:
        """All, oldest first."""
        rows = await self._store.read(lambda tx: tx.swaps.of_user(user.id, MOST_EXPORTED))
        return rows[::-1]

    async def status(self, user: User, swap_id: str = "") -> SwapStatus:
        """Asked for now, where it may still move. `swap_id`: or its beginning; empty: the latest.

        Raises UserMistake where he has no such one, or several begin so.
        """
        row = await self._store.read(lambda tx: status.meant(tx, user.id, swap_id))
        stale = False
        if self._swaps and not row.done_at:
            stale = not await self._watching.look(row)
        return await self._store.read(lambda tx: status.told(tx, row.id, stale=stale))

    async def watch(self) -> None:
        """Looks after swaps that are due, and tells what changed; and whether the operator's key is still taken."""
        if self._swaps:
            await self._operators_key.look()
            await self._watching.run()

    async def figures(self) -> dict[str, float]:
        """How many swaps are watched, and how late the latest is looked after."""
        return await self._store.read(lambda tx: tx.swaps.figures())

    @property
    def _on(self) -> SwapDesk:
        if not self._swaps:
            raise UserMistake("swap.off")
        return self._swaps


def _placed(coin: SwapCoin) -> SwapCoin:
    return coin if coin.network else replace(coin, runs_on=network_told(coin))
