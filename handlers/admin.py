"""/access for everyone, /users, /letin and /block for admins: who may come in."""

from bot.domain.replies import STORED, Answer, Reply
from bot.domain.users import Standing
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
    people, total = await call.services.users.page(PAGE, (page - 1) * PAGE)
    return view.listed(people, total=total, page=page, pages=max(1, -(-total // PAGE)), texts=call.texts)


async def letin(call: Call) -> Answer:
    return await _decide(call, Standing.MEMBER)


async def block(call: Call) -> Answer:
    return await _decide(call, Standing.BLOCKED)


async def _decide(call: Call, standing: Standing) -> Answer:
    user_id = parse.whole(call.args[0] if call.args else "", 1, LARGEST_ID)
    await call.services.users.decide_access(user_id, standing, call.mark)
    return STORED


COMMANDS = (
    Command("access", access),
    Command("users", users, admin=True),
    Command("letin", letin, admin=True, hidden=True),
    Command("block", block, admin=True, hidden=True),
)
