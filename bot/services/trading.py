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

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.intents import Wish
from bot.domain.notices import Mark
from bot.domain.users import User

__all__ = ["Offered", "Trading", "Wish"]


@dataclass(frozen=True, slots=True)
class Offered:
    """What was offered; `values` are those of the notice `intent_offered`, which is stored already."""

    intent_id: str
    values: dict[str, object]


class Trading:
    async def offer(self, user: User, wish: Wish, mark: Mark) -> Offered:
        """Checks all there is to check, stores the intent, shows the card. Nothing is sent before its button."""
        raise NotImplementedError

    async def offer_cancel(
        self, user: User, orders: Sequence[str], mark: Mark, *, symbol: str = "", vendor: str = "", label: str = ""
    ) -> Offered:
        """The exchange's ids of up to 20 open orders of one pair; none: all that are open of `symbol`.

        For an order placed here `symbol`, `vendor` and `label` may be empty.
        """
        raise NotImplementedError

    async def confirm(self, user: User, intent_id: str, mark: Mark) -> None:
        """The press. Works once, for its owner, for 90 s; every other press is told how it stands."""
        raise NotImplementedError

    async def dismiss(self, user: User, intent_id: str, mark: Mark) -> None:
        """The offer is off. One that was confirmed stays as it is, and is told so."""
        raise NotImplementedError

    async def again(self, user: User, intent_id: str, mark: Mark) -> Offered:
        """A new offer of the same wish, at the price of now."""
        raise NotImplementedError

    async def halted(self) -> bool:
        raise NotImplementedError

    async def halt(self, user: User, mark: Mark) -> None:
        """No new order leaves, from now on and over a restart. Cancelling goes on: it only takes risk away."""
        raise NotImplementedError

    async def resume(self, user: User, mark: Mark) -> None:
        raise NotImplementedError

    async def recover(self) -> None:
        """Before the first update of a start: what a process that is no more left behind."""
        raise NotImplementedError

    async def reconcile(self) -> None:
        """Asks what became of what is not known. Sends nothing."""
        raise NotImplementedError

    async def watch(self) -> None:
        """Looks after open orders that are due, and tells what changed."""
        raise NotImplementedError

    async def keep_prices(self) -> None:
        """Prices of pairs with a card that can still be pressed stay fresh, so that a press need not wait for them."""
        raise NotImplementedError
