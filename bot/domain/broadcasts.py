"""One message for many: what it is, for whom, and how far it has come."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """DRAFT is shown to its author only. The three that end in -ING are being worked on; ENDED rests, also for good."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    SCHEDULED = "scheduled"
    MISSED = "missed"
    SENDING = "sending"
    CORRECTING = "correcting"
    RECALLING = "recalling"
    ENDED = "ended"


AT_WORK = (State.SENDING, State.CORRECTING, State.RECALLING)


class Kind(StrEnum):
    """COPY: of a message that stands in its author's chat, as it is there. SUMMARY: the market, worded a reader."""

    COPY = "copy"
    SUMMARY = "summary"


class Role(StrEnum):
    EVERYONE = "everyone"
    MEMBERS = "members"
    GUESTS = "guests"


class Fate(StrEnum):
    """What became of one person's copy. UNCERTAIN may have arrived, and is not sent again unasked."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    GONE = "gone"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who can be reached and wants to be; fewer by each part that is set. `subscribers`: of the summary."""

    language: str = ""
    role: Role = Role.EVERYONE
    active_days: int = 0
    subscribers: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """Who would get it, and who of the audience would not: by his own wish, or because nothing reaches him."""

    people: int = 0
    muted: int = 0
    unreachable: int = 0


@dataclass(frozen=True, slots=True)
class Original:
    """A message somebody wrote. `content`: its words or its file, in Telegram's own terms; empty for other kinds."""

    chat_id: int
    message_id: int
    content: dict[str, object]
    of_album: bool = False

    @property
    def has_file(self) -> bool:
        return "text" not in self.content


@dataclass(frozen=True, slots=True)
class Broadcast:
    """`source_id`: the message that is copied, the desk's own, so that nobody can change it. `task`: how often its
    copies were to be changed. `card_id`: the message that shows how far it is; 0: none yet. `reason`: why it ended
    before it was through. Instants in milliseconds since 1970, 0: never.
    """

    id: str
    author: int
    kind: Kind
    state: State
    audience: Audience
    chat_id: int = 0
    source_id: int = 0
    has_file: bool = False
    silent: bool = True
    zone: str = ""
    due_at: int = 0
    created_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    corrected_at: int = 0
    recalled_at: int = 0
    task: int = 0
    card_id: int = 0
    reason: str = ""
    reach: Reach = Reach()

    @property
    def at_work(self) -> bool:
        return self.state in AT_WORK


@dataclass(frozen=True, slots=True)
class Copy:
    """One person's. `message_id`: where it stands in his chat; 0: not there, or not known."""

    user_id: int
    fate: Fate
    message_id: int = 0
    tried: int = 0
