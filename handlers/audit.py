"""/audit: what admins did and what concerns money. Each sees his own lines; owners see all."""

from bot.domain.errors import NotAllowed
from bot.domain.replies import Reply
from bot.views import audit as view
from handlers import _parse as parse
from handlers._call import Call, Command

PAGE = 12


async def audit(call: Call) -> Reply:
    """`audit 2`: the second page. `audit all`, `audit all 2`: everybody's, for owners."""
    args = list(call.args)
    whole = bool(parse.take(args, {"all": True}))
    if whole and not call.owner:
        raise NotAllowed("audit.owners_only")
    page = parse.whole(args[0], 1, 100_000) if args else 1
    lines, total = await call.services.audit.page(PAGE, (page - 1) * PAGE, None if whole else call.user.id)
    pages = max(1, -(-total // PAGE))
    return view.listed(lines, whole=whole, reader=call.user.id, page=page, pages=pages, **call.shown)


COMMANDS = (Command("audit", audit),)
