"""What the desk shows when it is asked: each method answers the GET of its name."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bot.sandbox.telegram.people import Group, User

if TYPE_CHECKING:
    from bot.sandbox.telegram.bots import Bot
    from bot.sandbox.telegram.person import Person
    from bot.sandbox.telegram.server import TelegramStandIn

Json = dict[str, Any]
MOST_AT_ONCE = 200


class Sights:
    def __init__(self, standin: TelegramStandIn) -> None:
        self.standin = standin
        self.tg = standin.tg

    def who(self, asked: Json) -> Person:
        return self.standin.person(asked["person"])

    async def state(self, _: Json) -> Json:
        world = self.tg.world
        return {
            "bots": [bot_wire(bot) for bot in self.tg.bots.values()],
            "people": [person_wire(user) for user in list(world.people.values())[:MOST_AT_ONCE]],
            "chats": [group_wire(group) for group in world.groups.values() if group.migrated_to is None],
            "faults": len(self.tg.faults.active),
            "down": self.tg.faults.down,
            "rates": self.tg.rates.settings(),
            "worlds": [board.name for board in self.standin.worlds],
        }

    async def chats(self, asked: Json) -> list[Json]:
        me, world = self.who(asked), self.tg.world
        places: list[tuple[Bot, User | Group]] = [(bot, me.user) for bot in self.tg.bots.values()]
        first = next(iter(self.tg.bots.values()), None)
        mine = [group for group in world.groups.values() if me.id in group.members and group.migrated_to is None]
        return [
            self._chat(me, bot, place) for bot, place in places + ([(first, group) for group in mine] if first else [])
        ]

    def _chat(self, me: Person, bot: Bot, place: User | Group) -> Json:
        conversation = self.tg.conversation(bot, place)
        last = next(reversed(conversation.entries.values()), None)
        private = isinstance(place, User)
        name = bot.menus.text("name", me.user.language_code or "") or bot.first_name
        return {
            "chat": place.private_chat() if isinstance(place, User) else group_wire(place),
            "bot": bot.id if private else None,
            "title": name if isinstance(place, User) else place.title,
            "last": conversation.shown(last) if last else None,
            "blocked": private and (bot.id, me.id) in self.tg.world.blocked,
        }

    async def history(self, asked: Json) -> Json:
        bot, place = self.who(asked).where(asked.get("chat"), asked.get("bot"))
        limit = min(max(int(asked.get("limit", 50)), 1), MOST_AT_ONCE)
        before = int(asked["before"]) if asked.get("before") else None
        messages, more = self.tg.history.page(self.tg.key(bot, place), before, limit)
        return {"messages": messages, "more": more}

    async def menu(self, asked: Json) -> Json:
        me = self.who(asked)
        bot, place = me.where(asked.get("chat"), asked.get("bot"))
        language = me.user.language_code or ""
        texts = {kind: bot.menus.text(kind, language) for kind in ("name", "description", "short_description")}
        return texts | {"name": texts["name"] or bot.first_name, "commands": bot.menus.seen(place, me.user)}

    async def world(self, _: Json) -> list[Json]:
        return self.boards()

    def boards(self) -> list[Json]:
        return [{"name": board.name, "switches": board.switches()} for board in self.standin.worlds]

    async def faults(self, _: Json) -> Json:
        return self.tg.faults.wire()

    async def counters(self, _: Json) -> Json:
        standin = self.standin
        bots = {bot.username: self._queue(bot) for bot in self.tg.bots.values()}
        refusals = {str(code): count for code, count in standin.calls.refusals.items()}
        return {
            "now": self.tg.clock.now(),
            "sent": self.tg.sent,
            "methods": standin.calls.counts,
            "refusals": refusals,
            "bots": bots,
        }

    def _queue(self, bot: Bot) -> Json:
        updates = bot.updates
        return {
            "queued": self.standin.pending(bot.id),
            "confirmed": updates.confirmed,
            "last_update_id": updates.last_id,
            "polling": updates.polling,
            "webhook": bot.id in self.standin.webhooks.deliveries,
        }

    async def requests(self, asked: Json) -> list[Json]:
        wanted = str(asked.get("method", "")).lower()
        found = [asdict(call) for call in self.standin.requests if wanted in ("", call.method.lower())]
        return found[-max(int(asked.get("limit", 100)), 1) :]


def bot_wire(bot: Bot) -> Json:
    return {"id": bot.id, "username": bot.username, "first_name": bot.first_name}


def person_wire(user: User) -> Json:
    return {"id": user.id, "first_name": user.first_name, "username": user.username,
            "language_code": user.language_code, "admin": user.admin}  # fmt: skip


def group_wire(group: Group) -> Json:
    return group.wire | {"members": sorted(group.members), "bots": sorted(group.bots)}
