"""A person of whom there is something in every table."""

from datetime import time
from decimal import Decimal

from bot.domain.accounts import Health, Held, Invitation, KeyState
from bot.domain.addresses import Saved
from bot.domain.alerts import Alert, Condition, Way
from bot.domain.assets import Asset, Symbol
from bot.domain.broadcasts import Audience, Broadcast, Kind
from bot.domain.broadcasts import State as Progress
from bot.domain.intents import Action, Intent, State
from bot.domain.notices import Address, Lane, Notice
from bot.domain.orders import Credentials
from bot.domain.prices import Field
from bot.domain.swap_log import StageNote, SwapRow
from bot.domain.swaps import RateKind, Stage
from bot.domain.telling import Loudness, Quiet, Topic
from bot.domain.users import Standing, User
from bot.services._keys import sealed
from storage.alerts import Subject
from storage.store import Transaction
from tests.still_clock import START

LATER_MS = 2_000_000_000_000
ADDRESS = (
    b'{"network": "ethereum", "label": "Ledger", "address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "memo": ""}'
)


def held(user_id: int, vendor: str = "binance") -> Held:
    return Held(
        f"{user_id}-{vendor}", user_id, vendor, vendor, 1, "0123abcd", KeyState.ACTIVE, Health(trade=True), START, START
    )


def credentials(user_id: int) -> Credentials:
    return Credentials(f"key-of-{user_id}", f"secret-of-{user_id}")


def fill(
    tx: Transaction,
    user_id: int,
    name: str,
    *,
    language: str = "en",
    intent: State = State.ACCEPTED,
    order_ended_at: int = 5,
) -> None:
    """Once for a person."""
    tx.users.add(User(user_id, name), tx.now_ms)
    tx.users.save(
        User(
            user_id, name, Standing.MEMBER, language, "Asia/Tokyo",
            watch=(Symbol("BTC"),), picks=(("UNI", Symbol("UNICORN")),),
        )
    )  # fmt: skip
    tx.dialogs.ask(user_id, user_id, "settings zone", LATER_MS)
    tx.tell(f"fixture:{user_id}", Lane.ALERT, user_id, Address(user_id), Notice("watch_saved", {"tickers": ["BTC"]}))
    tx.telling.choose(user_id, Topic.FILLS, Loudness.SILENT)
    tx.telling.choose_quiet(user_id, Quiet(time(23), time(7), holds=True))
    tx.guards.lock(user_id, 7)
    tx.guards.unlock(user_id)
    tx.guards.set_phrase(user_id, tx.seal(user_id, f"phrase of {user_id}".encode(), "guards", "phrase"))
    tx.guards.set_limits(user_id, Decimal(100), Decimal(500))
    tx.guards.enrol(user_id, tx.seal(user_id, b'"JBSWY3DPEHPK3PXP"', "guards", "totp"))
    account = held(user_id)
    tx.accounts.add(account, sealed(tx, account, credentials(user_id)))
    invitation = Invitation(user_id, user_id, "bitfinex", "second", "", START, 0)
    tx.accounts.invite(f"hash of a link for {user_id}", invitation)
    line = Saved(f"line-{user_id}", user_id, "", "", START, START)
    tx.addresses.add(line, tx.seal(user_id, ADDRESS, "addresses", line.id, "1"))
    tx.intents.add(
        Intent(
            f"intent-{user_id}", user_id, account.id, "binance", Action.PLACE, intent, "BTC/USDT",
            {"symbol": "BTC/USDT", "side": "buy", "amount": "0.001"}, {"price": "65000.10"}, Decimal("65.00"),
            chat_id=user_id, created_at=1, expires_at=2, day="2026-11-21", client_id=f"cd{user_id}", order_id="77",
        )
    )  # fmt: skip
    tx.orders.add(
        {
            "account_id": account.id, "vendor": "binance", "order_id": "77", "intent_id": f"intent-{user_id}",
            "user_id": user_id, "symbol": "BTC/USDT", "side": "buy", "kind": "limit", "wallet": "spot",
            "amount": "0.001", "price": "65000.10", "filled": "0.001", "average": "65000.09",
            "state": "filled" if order_ended_at else "open", "chat_id": user_id, "due_at": LATER_MS, "created_at": 3,
            "ended_at": order_ended_at,
        }
    )  # fmt: skip
    swap = SwapRow(
        f"swap{user_id}", f"swap-intent-{user_id}", user_id, "", "changelly", "btc", "eth", RateKind.FLOAT, "0.01",
        payin_address="bc1q", payout_address="0xAB", chat_id=user_id, created_at=4, stage_at=5, stage=Stage.FINISHED,
        raw_stage="finished", amount_out="0.1995", done_at=5,
    )  # fmt: skip
    tx.swaps.add(swap)
    tx.swaps.note(swap, StageNote(Stage.FINISHED, "finished", 5, told=True))
    tx.swaps.next_nonce(f"key of {user_id}", 77)
    wants = Condition(Field.PRICE, Way.ABOVE, Decimal(70_000), repeat_s=3600)
    asset = Asset(Symbol("BTC"), "BTC", "Bitcoin")
    tx.alerts.add(Alert(0, user_id, asset, wants, created_at=4))
    tx.alerts.mark(Subject(Symbol("BTC"), Field.PRICE, 0), Decimal("65000.10"), 60, 4, 5)
    tx.audit.add("lock", by=user_id, about=user_id)
    tx.readers.see(user_id, language, tx.now_ms)
    draft = Broadcast(f"draft-{user_id}", user_id, Kind.COPY, Progress.DRAFT, Audience(), chat_id=user_id, source_id=7)
    tx.broadcasts.add(draft, tx.seal(0, b"{}", "broadcasts", draft.id))
    copy = "INSERT INTO broadcast_copies (broadcast_id, user_id, fate, message_id) VALUES (?, ?, 'sent', 9)"
    tx.broadcasts._db.conn.execute(copy, (draft.id, user_id))
