"""What the desk does when it is told: each method answers the POST of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.telegram import offers
from bot.sandbox.telegram.load import inject_many
from bot.sandbox.telegram.sights import Sights, bot_wire, group_wire, person_wire

if TYPE_CHECKING:
    from bot.sandbox.telegram.history import Entry
    from bot.sandbox.telegram.person import Person
    from bot.sandbox.telegram.server import TelegramStandIn

Json = dict[str, Any]
_INLINE_WAIT_S = 10.0


class Acts:
    def __init__(self, standin: TelegramStandIn, sights: Sights) -> None:
        self.standin = standin
        self.tg = standin.tg
        self.sights = sights
        self.who = sights.who

    async def say(self, asked: Json) -> Json:
        me = self.who(asked)
        reply_to = int(asked["reply_to"]) if asked.get("reply_to") else None
        return self._said(me, asked, *me.say(str(asked["text"]), asked.get("chat"), asked.get("bot"), reply_to))

    async def edit(self, asked: Json) -> Json:
        me = self.who(asked)
        changed = me.change(int(asked["message_id"]), str(asked["text"]), asked.get("chat"), asked.get("bot"))
        return self._said(me, asked, *changed)

    async def upload(self, asked: Json) -> Json:
        me, file = self.who(asked), asked["uploads"]["file"]
        if asked["kind"] not in ("photo", "document"):
            raise ValueError("kind is photo or document")
        sent = me.upload(asked["kind"], file, str(asked.get("caption", "")), asked.get("chat"), asked.get("bot"))
        return self._said(me, asked, *sent)

    def _said(self, me: Person, asked: Json, update_id: int, entry: Entry) -> Json:
        bot, place = me.where(asked.get("chat"), asked.get("bot"))
        return {"update_id": update_id or None, "message": self.tg.conversation(bot, place).shown(entry)}

    async def press(self, asked: Json) -> Json:
        what = asked.get("data") or asked.get("button") or asked["at"]
        pressed = self.who(asked).press(int(asked["message_id"]), what, asked.get("chat"), bot=asked.get("bot"))
        return {"update_id": pressed.update_id, "query_id": pressed.query.id}

    async def inline(self, asked: Json) -> Json:
        offset = str(asked.get("offset", ""))
        offer = await self.who(asked).inline(
            str(asked["query"]), asked.get("chat"), bot=asked.get("bot"), offset=offset, timeout_s=_INLINE_WAIT_S
        )
        return offer.wire()

    async def choose(self, asked: Json) -> Json:
        me = self.who(asked)
        bot, _ = me.where(asked.get("chat"), asked.get("bot"))
        offer = offers.offered(bot, str(asked["query_id"]))
        return self._said(
            me, asked, *me.send_offer(offer, str(asked["result_id"]), asked.get("chat"), asked.get("bot"))
        )

    async def delete(self, asked: Json) -> Json:
        self.who(asked).delete(int(asked["message_id"]), asked.get("chat"), bot=asked.get("bot"))
        return {}

    async def block(self, asked: Json) -> Json:
        return {"update_id": self.who(asked).block(bot=asked.get("bot"), blocked=bool(asked["blocked"])) or None}

    async def people(self, asked: Json) -> Json:
        user = self.tg.world.add_person(
            str(asked["first_name"]),
            person_id=int(asked["id"]) if asked.get("id") else None,
            username=asked.get("username"),
            language_code=asked.get("language_code", "en"),
        )
        if asked.get("started"):
            self.tg.world.started |= {(bot.id, user.id) for bot in self.tg.bots.values()}
        self.tg.feed.publish("chats")
        return person_wire(user)

    async def groups(self, asked: Json) -> Json:
        members = [self.tg.world.find_person(who).id for who in asked["members"]]
        bots = [self.tg.find_bot(which).id for which in asked.get("bots") or [None]]
        group = self.standin.add_group(
            str(asked["title"]), members, bots, group_id=int(asked["id"]) if asked.get("id") else None
        )
        return group_wire(group)

    async def upgrade(self, asked: Json) -> Json:
        return group_wire(self.standin.upgrade(int(asked["chat"])))

    async def bots(self, asked: Json) -> Json:
        bot = self.standin.add_bot(str(asked["token"]), asked.get("username"), asked.get("first_name"))
        self.tg.feed.publish("chats")
        return bot_wire(bot)

    async def world(self, asked: Json) -> list[Json]:
        board = next((board for board in self.standin.worlds if board.name == asked["world"]), None)
        if board is None:
            raise ValueError(f"there is no world {asked['world']}")
        await board.flip(str(asked["id"]), asked.get("value"))
        shown = self.sights.boards()
        self.tg.feed.publish("world", world=shown)
        return shown

    async def faults(self, asked: Json) -> Json:
        faults = self.tg.faults
        settings = {name: value for name, value in asked.items() if name != "uploads"}
        if settings.get("clear"):
            faults.clear()
        elif "down" in settings:
            self.standin.down(bool(settings["down"]))
        elif "remove" in settings:
            faults.remove(int(settings["remove"]))
        else:
            if settings.get("bot") is not None:
                settings["bot"] = self.tg.find_bot(settings["bot"]).id
            faults.add(**settings)
        self.tg.feed.publish("faults")
        return faults.wire()

    async def rates(self, asked: Json) -> Json:
        self.tg.rates.set(**{name: value for name, value in asked.items() if name != "uploads"})
        return self.tg.rates.settings()

    async def clock(self, asked: Json) -> Json:
        self.tg.clock.advance(float(asked["advance_s"]))
        return {"now": self.tg.clock.now()}

    async def inject(self, asked: Json) -> Json:
        if "updates" in asked:
            ids = [self.standin.inject(update, bot=asked.get("bot")) for update in asked["updates"]]
        else:
            ids = inject_many(self.tg, self.tg.find_bot(asked.get("bot")), int(asked["count"]), asked["people"],
                              list(asked["texts"]), int(asked.get("first_id", 1_000_000)))  # fmt: skip
        return {"first": ids[0] if ids else None, "last": ids[-1] if ids else None, "count": len(ids)}

    async def redeliver(self, asked: Json) -> Json:
        self.standin.redeliver(int(asked["update_id"]), bot=asked.get("bot"))
        return {}
