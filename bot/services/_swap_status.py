"""One swap as its owner may know it: how it stands, its flight record, and what support needs to find it."""

from datetime import UTC, datetime

from bot.domain.errors import UserMistake
from bot.domain.swap_log import StageNote, SwapRow, SwapStatus
from bot.services import _swap_cards as cards
from storage.store import Transaction

MOST_ALIKE = 5


def meant(tx: Transaction, user_id: int, typed: str) -> SwapRow:
    """Raises UserMistake where he has no such one, or several begin so."""
    found = tx.swaps.of_user_like(user_id, typed, MOST_ALIKE) if typed else tx.swaps.of_user(user_id, 1)
    if not found:
        raise UserMistake("swap.unknown" if typed else "swap.none", typed=typed[:40])
    if len(found) > 1:
        ids = [row.id for row in found]
        raise UserMistake(
            "swap.several", ids=ids, suggestions=tuple((f"/status {one}", f"status {one}") for one in ids[:3])
        )
    return found[0]


def told(tx: Transaction, swap_id: str, *, stale: bool) -> SwapStatus:
    """Raises UserMistake where it is gone meanwhile."""
    row = tx.swaps.get(swap_id)
    if row is None:
        raise UserMistake("swap.unknown", typed=swap_id)
    record = tuple(tx.swaps.record(swap_id))
    until = row.done_at or tx.now_ms
    ends = [*(note.at for note in record[1:]), until]
    minutes = tuple(max(0, end - note.at) // 60_000 for note, end in zip(record, ends, strict=True))
    return SwapStatus(row, cards.values_of(tx, row), record, minutes, _support(row, record), stale)


def _support(row: SwapRow, record: tuple[StageNote, ...]) -> str:
    """Names, times and hashes alone: nothing that tells who it is."""
    lines = [
        f"transaction id: {row.id}",
        f"type: {row.kind}, {row.amount} {row.source} -> {row.target}",
        f"created: {_moment(row.created_at)}",
        *(f"{note.raw}: {_moment(note.at)}" for note in record),
        *(f"{name}: {value}" for name, value in _hashes(row) if value),
    ]
    return "\n".join(lines)


def _hashes(row: SwapRow) -> tuple[tuple[str, str], ...]:
    received = (("received", row.amount_in), ("paid out", row.paid_out))
    return (
        *received,
        ("payin hash", row.payin_hash),
        ("payout hash", row.payout_hash),
        ("refund hash", row.refund_hash),
    )


def _moment(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
