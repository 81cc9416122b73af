"""Orders and cancels: offered, confirmed by a press, sent at most once, followed to the truth.

Every method answers through the outbox, with the change it made: a handler returns STORED. Cards are edited in place,
so a button of a card is pressed with `in_place=True`. What cannot be offered is raised: UserMistake, NotAllowed,
Unavailable, Refused; nothing was stored then.

Notices (kind: values). All kinds `intent_*` have the values of INTENT:

  intent              its id: what the buttons name (`!confirm <intent>`, `!dismiss <intent>`, `again <intent>`)
  short               four signs of it, to tell people apart what they talk of
  action              place | cancel
  vendor, exchange    `binance`, `Binance`
  label, fingerprint  the account's name, and its key's fingerprint
  symbol, base, quote
  wallet              spot | margin
  side, kind          buy | sell, market | limit          (cancel: of the first order; '' where not known)
  amount, cost, price the very texts that are sent; '' where there is none: a market order has no price, and names
                      either an amount or, buying, a cost
  total               estimated cost in quote, before fee (for a market order at the reference price)
  fee, fee_asset      estimated; '' where the exchange's fee is not known
  reference           this exchange's own price for that side, as of the offer (in quote)
  away                how far the price is from the reference, signed percent; '' for a market order
  median, sources     the median of the prices of all sources, and how many there were
  far                 true: more than 5 % from the median; the card warns
  usd                 worth in US dollars, for the limits
  after, after_asset  what is free of it after the order; '' on margin
  expires_at          ms since 1970: until then the button works
  why                 '' | moved: the price had moved by more than 1 % when the old card was pressed, this is a new one
  phrase              the person's own anti-phishing phrase; '' where he has none
  orders              cancel only: list of {id, side, kind, amount, price, filled}; texts, '' where not known
  reason, reason_values   a text key of the catalogue and what fills it; '' and {} where there is nothing to say
  order_id            of the exchange; '' before it is known
  state, filled, average, order_amount     of the order as last heard: open | filled | canceled | …; '' unknown

  intent_offered      the card to press: Confirm, Dismiss
  intent_sending      under way; no buttons
  intent_accepted     place: placed. Buttons: cancel where `state` is not an end. cancel: none of `orders` is open now
  intent_rejected     the exchange said no: `reason`
  intent_refused      not sent by us: `reason` (limit, lock, halt, balance, price, restart). Button: `again`
  intent_expired      90 s are over; or `reason` intent.dismissed. Button: `again`
  intent_unknown      "I do not know yet. Do not repeat it."
  intent_not_placed   place: surely not there. Button: `again`. cancel: `orders` still open are in `left`: list of ids
  intent_needs_human  a quarter of an hour has passed: look at the exchange yourself; admins know
  intent_alert        to an admin: intent, short, action, user_id, vendor, exchange, symbol, client_id, sent_at (ms)

Orders followed after they were accepted: `order_changed` edits the card (silent), `order_ended` is a message of its own
and loud; beside it the card is edited by an order_changed with the final state.

  order               the number it has here; order_id at the exchange
  vendor, exchange, symbol, base, quote, side, kind, wallet, amount, price, intent, short, phrase
  state, filled, average, cost     texts; '' where not known

  halt_changed        to the admin who asked, and to all others: halted (bool), by (name), by_id
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.domain.intents import Action, State, Wish
from bot.domain.notices import Address, Lane, Mark, Notice
from bot.domain.users import Standing, User
from bot.services import _cards as cards
from bot.services._desk import Desk
from bot.services._following import Following
from bot.services._offers import Offered, Offers, own_intent, shown
from bot.services._ordering import Ordering
from bot.services._reconciling import Reconciling
from bot.services._sending import Sending
from bot.services._way import Way
from storage.store import AlreadyAnswered, Transaction

__all__ = ["Offered", "Trading", "Wish"]


class Trading:
    """`others`: the ways of other kinds of intents, whose buttons are pressed here too."""

    def __init__(self, desk: Desk, others: Mapping[Action, Way] = MappingProxyType({})) -> None:
        self._store = desk.store
        self._admins = desk.admins
        self._references = desk.references
        self._offers = Offers(desk)
        ordering = Ordering(desk, self._offers)
        self._ways: dict[Action, Way] = {Action.PLACE: ordering, Action.CANCEL: ordering, **others}
        self._sending = Sending(desk, self._ways)
        self._reconciling = Reconciling(desk, self._ways)
        self._following = Following(desk)

    async def offer(self, user: User, wish: Wish, mark: Mark) -> Offered:
        """Checks all there is to check, stores the intent, shows the card. Nothing is sent before its button."""
        return await shown(self._store, await self._offers.to_place(user, wish, mark.address.chat_id), mark)

    async def offer_cancel(
        self, user: User, orders: Sequence[str], mark: Mark, *, symbol: str = "", vendor: str = "", label: str = ""
    ) -> Offered:
        """The exchange's ids of up to 20 open orders of one pair; none: all that are open of `symbol`.

        For an order placed here `symbol`, `vendor` and `label` may be empty.
        """
        intent = await self._offers.to_cancel(user, orders, mark.address.chat_id, symbol, vendor, label)
        return await shown(self._store, intent, mark)

    async def confirm(self, user: User, intent_id: str, mark: Mark) -> None:
        """The press. Works once, for its owner, for 90 s; every other press is told how it stands.

        Raises UserMistake where there is no such intent, NotAllowed where it is another's, Unsure where it was sent and
        the disk did not take what came of it.
        """
        await self._sending.press(user, intent_id, mark)

    async def dismiss(self, user: User, intent_id: str, mark: Mark) -> None:
        """The offer is off. One that was confirmed stays as it is, and is told so."""

        def unit(tx: Transaction) -> None:
            own = own_intent(tx, user, intent_id)
            reason = {"key": "intent.dismissed", "values": {}}
            off = tx.intents.move(own.id, State.OFFERED, State.EXPIRED, reason=reason, settled_at=tx.now_ms,
                                  message_id=mark.address.edits)  # fmt: skip
            cards.answer(tx, mark, off or own)

        await self._store.write(unit)

    async def again(self, user: User, intent_id: str, mark: Mark) -> Offered:
        """A new offer of the same wish, on the terms of now."""
        old = await self._store.read(lambda tx: own_intent(tx, user, intent_id))
        return await shown(self._store, await self._ways[old.action].anew(user, old, mark.address.chat_id), mark)

    async def halted(self) -> bool:
        return await self._store.read(lambda tx: tx.desk.halted())

    async def halt(self, user: User, mark: Mark) -> None:
        """No new order leaves, from now on and over a restart. Cancelling goes on: it only takes risk away."""
        await self._set_halt(user, mark, halted=True)

    async def resume(self, user: User, mark: Mark) -> None:
        await self._set_halt(user, mark, halted=False)

    async def recover(self) -> None:
        """Before the first update of a start: what a process that is no more left behind."""
        await self._reconciling.sweep()

    async def reconcile(self) -> None:
        """Asks what became of what is not known. Sends nothing."""
        await self._reconciling.run()

    async def watch(self) -> None:
        """Looks after open orders that are due, and tells what changed."""
        await self._following.run()

    async def keep_prices(self) -> None:
        """Prices of pairs with a card that can still be pressed stay fresh, so that a press need not wait for them."""
        await self._references.renew()

    async def figures(self) -> dict[str, float]:
        """How many intents are not known, the oldest of them in seconds, and how many orders are followed."""

        def unit(tx: Transaction) -> dict[str, float]:
            unknown = tx.intents.standing((State.SENDING, State.UNKNOWN, State.NEEDS_HUMAN))
            oldest_ms = tx.now_ms - min((intent.sent_at for intent in unknown), default=tx.now_ms)
            return {
                "intents_unknown": len(unknown),
                "intents_oldest_unknown_seconds": max(0, oldest_ms) / 1000,
                "orders_followed": tx.orders.count_open(),
            }

        return await self._store.read(unit)

    async def _set_halt(self, user: User, mark: Mark, *, halted: bool) -> None:
        def unit(tx: Transaction) -> None:
            notice = Notice("halt_changed", {"halted": halted, "by": user.name, "by_id": user.id})
            if tx.desk.set_halt(halted=halted, by=user.id, now_ms=tx.now_ms):
                tx.audit.add("halted" if halted else "resumed", by=user.id, about=0)
                for admin in self._admins.union(tx.users.standing(Standing.ADMIN)) - {user.id}:
                    tx.tell(f"halt:{mark.update_id}:{admin}", Lane.ALERT, admin, Address(admin), notice)
            tx.answer(mark, notice)

        try:
            await self._store.write(unit)
        except AlreadyAnswered:
            return
