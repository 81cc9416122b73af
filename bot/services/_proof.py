"""When "there is no such thing" may be believed: said often enough, over long enough, by two clocks."""

from datetime import UTC, datetime, timedelta

from bot.domain.intents import Intent
from bot.services._desk import Desk
from storage.store import Transaction

BEFORE_SENDING = timedelta(seconds=5)
CLEAN_NOES = 3
OVER_MS = 60_000


def said_no(tx: Transaction, intent: Intent) -> Intent | None:
    """One more clean answer that nothing of it is known. None: the intent is gone."""
    now = tx.intents.get(intent.id)
    if now is None:
        return None
    since = now.absent_since or tx.now_ms
    return tx.intents.keep(now.id, now.state, absent=now.absent + 1, absent_since=since)


def proven(desk: Desk, intent: Intent, window: timedelta) -> bool:
    """`window`: what is not there so long after it was sent never will be. By the wall and by a clock that nobody sets:
    one of them may have been moved.
    """
    now_s = desk.clock.monotonic()
    here_s = now_s - desk.first_seen.get(intent.id, now_s)  # none: another look has settled it meanwhile
    by_wall = desk.store.now_ms() - intent.sent_at
    late = min(timedelta(milliseconds=by_wall), timedelta(seconds=here_s)) > window
    spread = desk.store.now_ms() - intent.absent_since >= OVER_MS
    return late and intent.absent >= CLEAN_NOES and spread


def same_key(tx: Transaction, intent: Intent) -> bool:
    """Whether its key is still the one it was sent under: another may be of another account."""
    held = tx.accounts.get(intent.account_id) if intent.account_id else None
    return not intent.account_id or (held is not None and held.version == intent.offer.get("version"))


def instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
