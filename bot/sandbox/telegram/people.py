"""The world's people, groups and bots: who exists, who is where, who has blocked whom."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from bot.sandbox.telegram.refusals import Refusal, bad, forbidden

Json = dict[str, Any]


@dataclass(slots=True, eq=False)
class User:
    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    admin: bool = False
    deactivated: bool = False
    wire: Json = field(init=False)

    def __post_init__(self) -> None:
        self.wire = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            self.wire["username"] = self.username
        if self.language_code:
            self.wire["language_code"] = self.language_code

    def private_chat(self) -> Json:
        chat = {"id": self.id, "first_name": self.first_name, "type": "private"}
        return chat | {"username": self.username} if self.username else chat


@dataclass(slots=True, eq=False)
class Group:
    id: int
    title: str
    type: str = "group"
    username: str | None = None
    members: set[int] = field(default_factory=set)
    admins: set[int] = field(default_factory=set)
    bots: set[int] = field(default_factory=set)
    migrated_to: int | None = None

    @property
    def wire(self) -> Json:
        chat: Json = {"id": self.id, "title": self.title, "type": self.type}
        if self.type == "group":
            chat["all_members_are_administrators"] = False
        return chat | {"username": self.username} if self.username else chat


@dataclass(slots=True)
class World:
    """Everybody there is. Ids are Telegram's: people positive, groups negative, supergroups -100…"""

    people: dict[int, User] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    started: set[tuple[int, int]] = field(default_factory=set)
    blocked: set[tuple[int, int]] = field(default_factory=set)
    open_doors: bool = False
    _next_person: Iterator[int] = field(default_factory=lambda: itertools.count(2001))
    _next_group: Iterator[int] = field(default_factory=lambda: itertools.count(5001))

    @classmethod
    def furnished(cls) -> Self:
        world = cls()
        world.add_person("Alice", person_id=1001, username="alice", language_code="en")
        world.add_person("Bob", person_id=1002, username="bob", language_code="zh-hans")
        world.add_person("Admin", person_id=1003, username="admin", language_code="en", admin=True)
        return world

    def add_person(
        self,
        first_name: str,
        *,
        person_id: int | None = None,
        username: str | None = None,
        language_code: str | None = "en",
        admin: bool = False,
    ) -> User:
        """Raises ValueError where the id or the username is taken."""
        if username and username.lower() in self.names:
            raise ValueError(f"the username {username} is taken")
        new_id = next(i for i in self._next_person if i not in self.people) if person_id is None else person_id
        if new_id <= 0 or new_id in self.people:
            raise ValueError(f"a person cannot have the id {new_id}: it is taken or not positive")
        user = User(new_id, first_name, username, language_code, admin)
        self.people[new_id] = user
        if username:
            self.names[username.lower()] = new_id
        return user

    def add_group(self, title: str, members: list[int], bots: list[int], *, group_id: int | None = None) -> Group:
        """The first member owns it. Raises ValueError where the id is taken or a member is not known."""
        new_id = -next(self._next_group) if group_id is None else group_id
        if new_id >= 0 or new_id in self.groups:
            raise ValueError(f"a group cannot have the id {new_id}: it is taken or not negative")
        if unknown := [member for member in members if member not in self.people]:
            raise ValueError(f"nobody has the id {unknown[0]}")
        group = Group(new_id, title, members=set(members), admins=set(members[:1]), bots=set(bots))
        self.groups[new_id] = group
        return group

    def upgrade(self, group: Group) -> Group:
        """A group becomes a supergroup with another id; the old id answers with `migrate_to_chat_id` from now on."""
        if group.type != "group" or group.migrated_to is not None:
            raise ValueError("only a plain group can be upgraded, and only once")
        new = Group(-1_000_000_000_000 + group.id, group.title, "supergroup", members=set(group.members),
                    admins=set(group.admins), bots=set(group.bots))  # fmt: skip
        group.migrated_to = new.id
        self.groups[new.id] = new
        return new

    def find_person(self, who: int | str) -> User:
        """By id or username. Raises ValueError."""
        text = str(who).lstrip("@").lower()
        found = self.names.get(text, int(text) if text.lstrip("-").isdigit() else 0)
        if found not in self.people:
            raise ValueError(f"there is nobody called {who}")
        return self.people[found]

    def reach(self, bot_id: int, chat: Any) -> User | Group:
        """The chat a bot names in `chat_id`. Raises Refusal as Telegram does for what it may not write to."""
        found = self.lookup(chat)
        if isinstance(found, User):
            self._may_write(bot_id, found)
            return found
        if found.migrated_to is not None:
            raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat",
                          migrate_to_chat_id=found.migrated_to)  # fmt: skip
        if bot_id not in found.bots:
            verb = (
                "was kicked from the group chat" if found.type == "group" else "is not a member of the supergroup chat"
            )
            raise forbidden(f"bot {verb}")
        return found

    def lookup(self, chat: Any) -> User | Group:
        """Raises Refusal where no such chat is."""
        if chat is None or chat == "":
            raise bad("chat_id is empty")
        text = str(chat)
        try:
            number = int(text)
        except ValueError:
            number = next((g.id for g in self.groups.values() if f"@{g.username}" == text), 0)
        found = self.people.get(number) or self.groups.get(number)
        if found is None:
            raise bad("chat not found")
        return found

    def _may_write(self, bot_id: int, user: User) -> None:
        pair = (bot_id, user.id)
        if pair in self.blocked:
            raise forbidden("bot was blocked by the user")
        if user.deactivated:
            raise forbidden("user is deactivated")
        if pair not in self.started and not self.open_doors:
            raise forbidden("bot can't initiate conversation with a user")
