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
  address, memo, memo_name  where it is paid out. book: what he calls it, ''
  refund_address, refund_memo
  usd                   worth in US dollars, for the limits
  notes                 list of the provider's own warnings about both coins
  expires_at            ms since 1970: until then the button works
  why                   '' | moved (more than 1 % away from what the old card said) | expired (the fixed rate was over)
  left_today            how many swaps he may still make today under the operator's key; -1: his own key, no quota
  phrase                the person's own anti-phishing phrase; ''
  reason, reason_values a text key of the catalogue and what fills it; '' and {}

  swap_offered          the card to press: Confirm, Dismiss
  swap_sending          under way; no buttons
  swap_rejected         the provider said no: `reason`. Button: `again`
  swap_refused          not sent by us: `reason` (limit, lock, halt, quota, restart …). Button: `again`
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
  amount_in, amount_out what came in, what was paid out; '' not yet
  drift                 amount_out against net, signed percent; ''
  payin_hash, payout_hash, refund_hash, payin_link, payout_link, refund_link
  confirmations, confirmations_needed     whole numbers; -1 not known

  swap_card             by its stage: the deposit card while new or waiting; it is edited from then on, silently. Its
                        first one is the answer to the press
  swap_told             loud, in answer to the card; stage is one of finished failed refunded hold overdue expired.
                        In all languages each stage is told once; hold and failed again where they come back hours later
  swap_nudge            half of the time to pay is over and no deposit was seen; once
  swap_stalled          minutes, usual_minutes: this stage takes long; silent_minutes: since the provider last answered
                        (0: it answers). Said once at the usual time, then after 4, 16, 64 times of it …

  swap_alert            to an admin: why (needs_human | unknown_stage | bad_deposit_address | other_payout | no_memo),
                        intent, short, user_id, exchange, swap, raw_stage, source, target

  class Swaps:                                              reads raise Unavailable, Refused, UserMistake
      traits: SwapTraits | None                             None: swaps are off, all below raise UserMistake
      async coins(search: str = "") -> Sequence[SwapCoin]   by ticker, name, network; what is on comes first
      async coin(ticker: str) -> SwapCoin                   or UserMistake("swap.coin_unknown", likely=…)
      async quote(user, source, target, amount: Decimal, kind: RateKind) -> SwapQuote
      async limits(user, source, target, kind) -> SwapLimits
      async rate(user, source, target, amount, *, reverse: bool) -> Decimal
      async validate(user, ticker, address, memo) -> bool | None
      async worth(ticker, amount) -> Decimal                in US dollars; UserMistake where nobody says
      async offer(user, wish: SwapWish, mark: Mark) -> Offered
      async list(user, most: int = 20) -> Sequence[SwapRow]     newest first
      async status(user, swap_id: str = "") -> SwapStatus       '' the latest; a beginning of the id will do
      async export(user) -> Sequence[SwapRow]                   all, oldest first
"""
