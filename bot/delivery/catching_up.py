"""Many late messages to one person become one: after an outage, after a night's rest, when he is back."""

from datetime import UTC, datetime

from bot.domain.notices import Address, Lane, Notice
from bot.domain.telling import Hold, Mute, Say, Topic, Wishes, way
from storage.store import Transaction

LATE_MS = 10 * 60_000
"""A message that comes later than this says so; of three of them comes one."""

LEAST = 3
MOST_AT_ONCE = 50
MOST_LINES = 15


def gather(tx: Transaction, zone: str) -> int:
    """Puts what is late into digests, person by person; returns how many rows. `zone`: of who has chosen none."""
    before = tx.now_ms - LATE_MS
    people = tx.late.late(tx.now_ms, before, LEAST, MOST_AT_ONCE)
    return sum(_gathered(tx, chat, user, tx.telling.wishes(user, tx.now_ms, zone)) for chat, user in people)


def digest_of(tx: Transaction, digest_id: int, wishes: Wishes) -> tuple[Notice, bool]:
    """What it says, the latest lines of it; and whether none of them would have made a sound."""
    lines, count = tx.late.lines_of(digest_id, MOST_LINES)
    items = [[line.created_at, notice.kind, notice.values] for line, notice in tx.notices_of(lines)]
    silent = all(_silent(line.topic, wishes, tx.now_ms) for line in lines)
    return Notice("digest", {"items": items, "more": count - len(items), "zone": wishes.zone}), silent


def _gathered(tx: Transaction, chat_id: int, user_id: int, wishes: Wishes) -> int:
    rows = tx.late.late_of(chat_id, user_id, tx.now_ms, tx.now_ms - LATE_MS)
    ways = {row_id: way(topic, wishes, _moment(tx.now_ms)) for row_id, topic in rows}
    if any(isinstance(each, Hold) for each in ways.values()):
        return 0  # he sleeps; each is put off when its turn comes
    wanted = [row_id for row_id, topic in rows if topic is not Topic.DIGEST and not isinstance(ways[row_id], Mute)]
    digest_id = next((row_id for row_id, topic in rows if topic is Topic.DIGEST), 0)
    if not wanted or (len(wanted) < LEAST and not digest_id):
        return 0
    tx.late.put_into(digest_id or _begun(tx, chat_id, user_id, wanted[0]), wanted, tx.now_ms)
    return len(wanted)


def _begun(tx: Transaction, chat_id: int, user_id: int, first: int) -> int:
    cause = f"digest:{first}"
    tx.tell(cause, Lane.ALERT, user_id, Address(chat_id), Notice("digest", {}))
    return tx.late.id_of(cause)


def _silent(topic: Topic | None, wishes: Wishes, now_ms: int) -> bool:
    found = way(topic, wishes, _moment(now_ms))
    return not isinstance(found, Say) or found.silent


def _moment(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC)
