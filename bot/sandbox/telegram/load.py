"""Many updates at once, for benches."""

from bot.sandbox.telegram.bots import Bot
from bot.sandbox.telegram.person import written
from bot.sandbox.telegram.state import Telegram
from bot.sandbox.telegram.updates import MOST_QUEUED


def inject_many(
    tg: Telegram, bot: Bot, count: int, people: list[int] | int, texts: list[str], first_id: int
) -> list[int]:
    """`count` messages, people and texts taken in turn; `people` as a number makes that many, ids from `first_id` on.

    Raises ValueError before anything is queued where the queue would not hold them.
    """
    who = list(people) if isinstance(people, list) else list(range(first_id, first_id + int(people)))
    if count < 0 or not who or not texts:
        raise ValueError("there must be people and texts")
    if len(bot.updates.queued) + count > MOST_QUEUED:
        raise ValueError(f"at most {MOST_QUEUED} updates can wait")
    contents = [written(str(text)) for text in texts]
    world = tg.world
    ids = []
    for i in range(count):
        person_id = who[i % len(who)]
        user = world.people.get(person_id) or world.add_person(f"Reader {person_id}", person_id=person_id)
        world.started.add((bot.id, user.id))
        tg.rates.heard(bot.id, user.id, tg.clock.now())
        entry = tg.post(bot, user, user.wire, contents[i % len(contents)])
        ids.append(bot.updates.put("message", entry.wire, user.id) or 0)
    return ids
