"""/access for everyone; /users, /letin and /block for admins; /promote and /demote for owners: who may do what."""

from bot.domain.errors import UserMistake
from bot.domain.replies import STORED, Answer, Reply
from bot.domain.users import Standing, User
from bot.views import users as view
from handlers import _parse as parse
from handlers._call import Call, Command

PAGE = 20
LARGEST_ID = 2**53


async def access(call: Call) -> Answer:
    """One's own standing; `ask` asks the admins to be let in."""
    users = call.services.users
    may = users.may_use_money(call.user)
    can_ask = users.takes_requests and not may
    if not (can_ask and call.args[:1] == ("ask",)):
        return view.access(call.user, may_use_money=may, can_ask=can_ask, texts=call.texts)
    await users.ask_access(call.user, call.mark)
    return STORED


async def users(call: Call) -> Reply:
    page = parse.whole(call.args[0], 1, 10_000) if call.args else 1
    service = call.services.users
    people, total = await service.page(PAGE, (page - 1) * PAGE)
    pages = max(1, -(-total // PAGE))
    return view.listed(people, owners=service.owners, total=total, page=page, pages=pages, texts=call.texts)


async def person(call: Call) -> Reply:
    """One of the list, with what can be decided about him. Nothing of his keys or money is shown to anybody."""
    found = await _person(call)
    owners = call.services.users.owners
    return view.person(found, owners=owners, by_owner=call.owner, texts=call.texts)


async def letin(call: Call) -> Answer:
    return await _decide(call, Standing.MEMBER)


async def block(call: Call) -> Answer:
    return await _decide(call, Standing.BLOCKED)


async def promote(call: Call) -> Answer:
    """Alone: a question that says what an admin may. `yes`: he is one."""
    if call.args[1:] != ("yes",):
        return view.promotion(await _person(call), texts=call.texts)
    return await _decide(call, Standing.ADMIN)


async def demote(call: Call) -> Answer:
    """He stays a member. Who was none of the admins stays what he is."""
    if (await _person(call)).standing is not Standing.ADMIN:
        raise UserMistake("access.no_admin", usage="users")
    return await _decide(call, Standing.MEMBER)


async def _person(call: Call) -> User:
    user_id = _id(call)
    found = await call.services.users.get(user_id)
    if found is None:
        raise UserMistake("user.unknown", typed=str(user_id))
    return found


async def _decide(call: Call, standing: Standing) -> Answer:
    await call.services.users.decide_access(_id(call), standing, call.mark)
    return STORED


def _id(call: Call) -> int:
    return parse.whole(call.args[0] if call.args else "", 1, LARGEST_ID)


COMMANDS = (
    Command("access", access),
    Command("users", users, admin=True),
    Command("person", person, admin=True, hidden=True),
    Command("letin", letin, admin=True, hidden=True),
    Command("block", block, admin=True, hidden=True),
    Command("promote", promote, admin=True, owner=True, hidden=True),
    Command("demote", demote, admin=True, owner=True, hidden=True),
)
