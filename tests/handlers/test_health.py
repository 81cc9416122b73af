"""/health: for admins, true to what is, and without anybody's name."""

from bot.domain.figures import VendorState
from bot.providers.tally import Tally
from tests.handlers.conftest import ADMIN, Room, buttons


class Broken:
    """A vendor that does not answer."""

    def state(self) -> VendorState:
        return VendorState("okx", "unreached", 3.0)

    def figures(self) -> dict[str, float]:
        return {"poll_age_seconds": 4.0, "intents_unknown": 2, "orders_followed": 1}


async def test_an_admin_sees_how_it_is_at_a_glance(room: Room):
    room.services.health.listen([lambda: "conflict"], vendors=[Broken()])
    card = await room.say("health", ADMIN)
    assert buttons(card) == ["!health"]
    for word in (
        "Changedesk 0.",
        "🔴 conflict",
        "Not known: 2",
        "orders followed: 1",
        "🔴 okx: not reached",
        "4 s ago",
    ):
        assert word in card.plain
    assert "Never backed up" in card.plain


async def test_where_all_is_well_it_says_so(room: Room):
    room.services.health.listen(vendors=[Broken()])
    card = await room.say("health", ADMIN)
    assert "🟢 Ready" in card.plain
    assert "No order leaves" not in card.plain


async def test_a_key_of_the_desks_own_that_is_turned_away_is_red(room: Room):
    tally = Tally("changelly")
    room.services.health.listen(vendors=[Broken(), tally])
    for refused, line in ((True, "🔴 changelly: does not accept this desk's key"), (False, "🟢 changelly")):
        with tally.call() as call:
            call.status = 401 if refused else 200
        tally.key_refused = refused
        assert line in (await room.say("health", ADMIN)).plain


async def test_a_halt_is_seen_there(room: Room):
    room.services.health.listen(vendors=[Broken()])
    await room.say("halt", ADMIN)
    assert "No order leaves" in (await room.say("health", ADMIN)).plain


async def test_it_is_for_admins(room: Room):
    assert room.commands["health"].admin
