"""What is told of a broadcast, made from its rows alone: so it can be told again at any time.

broadcast_card        how one stands, whatever its state; edited in place
  id, kind, state, reason, silent, zone, due_at, ended_at, corrected_at, recalled_at, has_file
  language, role, days, subscribers: the audience; people, muted, unreachable: who that is, or was when it began
  sent, gone, failed, uncertain, recalled, waiting: copies by what became of them; task, done, vain: of the last change
  unsure: names of some of the uncertain
broadcast_typed       the question for the number of people: people
broadcast_started     people
broadcast_correction  what a correction would change: id, copies
"""

from bot.domain.broadcasts import Broadcast, Fate, State
from bot.domain.notices import Notice
from storage.store import Transaction

MOST_NAMED = 12
_UNSENT = {State.DRAFT, State.SCHEDULED, State.MISSED}


def card(tx: Transaction, broadcast: Broadcast) -> Notice:
    """How it stands. Who it would reach is counted anew until it is sent."""
    reach = tx.broadcasts.reach(broadcast.audience, tx.now_ms) if broadcast.state in _UNSENT else broadcast.reach
    tally = tx.broadcasts.tally(broadcast.id)
    done, vain = tx.broadcasts.changed(broadcast.id, broadcast.task) if broadcast.task else (0, 0)
    uncertain = tx.broadcasts.uncertain(broadcast.id, MOST_NAMED) if tally.get(Fate.UNCERTAIN) else []
    audience = broadcast.audience
    return Notice(
        "broadcast_card",
        {
            "id": broadcast.id,
            "kind": broadcast.kind,
            "state": broadcast.state,
            "reason": broadcast.reason,
            "silent": broadcast.silent,
            "has_file": broadcast.has_file,
            "zone": broadcast.zone,
            "due_at": broadcast.due_at,
            "ended_at": broadcast.ended_at,
            "corrected_at": broadcast.corrected_at,
            "recalled_at": broadcast.recalled_at,
            "language": audience.language,
            "role": audience.role,
            "days": audience.active_days,
            "subscribers": audience.subscribers,
            "people": reach.people,
            "muted": reach.muted,
            "unreachable": reach.unreachable,
            **{fate.value: tally.get(fate, 0) for fate in Fate},
            "task": broadcast.task,
            "done": done,
            "vain": vain,
            "unsure": [name for _, name in uncertain],
        },
    )
