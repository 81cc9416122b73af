"""Notices of broadcasts and summaries as their services store them."""

from tests.views.odd import NOW

NOW_MS = int(NOW.timestamp() * 1000)


def card(state: str, **more: object) -> dict[str, object]:
    values: dict[str, object] = {
        "id": "1a2b3c4d", "kind": "copy", "state": state, "reason": "", "silent": True, "has_file": False,
        "zone": "Europe/Berlin", "due_at": NOW_MS + 7_200_000, "ended_at": NOW_MS - 60_000, "corrected_at": 0,
        "recalled_at": 0, "language": "", "role": "everyone", "days": 0, "subscribers": False, "people": 1284,
        "muted": 37, "unreachable": 12, "waiting": 0, "sending": 0, "sent": 0, "gone": 0, "failed": 0, "uncertain": 0,
        "recalled": 0, "task": 0, "done": 0, "vain": 0, "unsure": [],
    }  # fmt: skip
    return values | more


SENT = card("ended", sent=1270, gone=10, failed=2, uncertain=2, unsure=["Ann", "Bob <b>"])
SUMMARY: dict[str, object] = {
    "cap": "2310000000000", "cap_change": "1.24", "volume": "98000000000",
    "dominance": {"BTC": "58.1", "ETH": "12.04"}, "at": NOW.timestamp() - 30, "fetched_at": NOW.timestamp() - 5,
    "source": "CoinCodex", "risers": 61, "counted": 97, "stale": False, "zone": "Europe/Berlin",
    "majors": [
        ["BTC", "BTC", "Bitcoin", 1, "67412.38", "2.14", NOW.timestamp()],
        ["X", "X<", "X", None, "", "", NOW.timestamp()],
    ],
    "best": [["SOL", "SOL", "Solana", 5, "181.2", "8.1", NOW.timestamp()]],
    "worst": [["DOGE", "DOGE", "Dogecoin", 9, "0.1", "-5.02", NOW.timestamp()]],
}  # fmt: skip

SAMPLES = {
    "broadcast_card": card("draft"),
    "broadcast_ask": {},
    "broadcast_when": {},
    "broadcast_typed": {"people": 1284, "wrong": True},
    "broadcast_started": {"people": 1284},
    "broadcast_amend": {},
    "broadcast_correction": {"id": "1a2b3c4d", "copies": 1270},
    "broadcast_mark": {},
    "broadcast_withdrawn": {},
    "summary": SUMMARY,
    "summary_schedules": {"rows": [[1, -1, "09:00", "Europe/Berlin", NOW_MS], [2, 0, "02:30", "Asia/Tokyo", NOW_MS]]},
    "summary_skipped": {"day": "2026-11-21", "at": "09:00", "zone": "Europe/Berlin"},
    "reader_card": {"pace": "weekly", "broadcasts": "silent", "muted_until": NOW_MS + 86_400_000},
}
