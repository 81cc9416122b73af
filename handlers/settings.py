"""/settings: language and time zone."""

from bot.domain.errors import UserMistake
from bot.domain.replies import STORED, Answer, Reply
from bot.views import settings as view
from handlers import _parse as parse
from handlers._call import Call, Command


async def settings(call: Call) -> Answer:
    """Alone: what is set. `language zh`, `zone Europe/Berlin`: set it. `zone`: the next line is the zone."""
    if not call.args:
        languages = call.catalogue.languages
        return view.card(call.user, languages=languages, zone=call.zone, now=call.now, texts=call.texts)
    verb, rest = call.args[0].lower(), " ".join(call.args[1:])
    if verb in {"language", "lang"}:
        return await _language(call, rest.lower())
    if verb in {"zone", "timezone", "tz"}:
        return await _zone(call, rest)
    raise UserMistake("settings.unknown", typed=verb[:32], usage="settings", suggestions=(("/settings", "settings"),))


async def _language(call: Call, code: str) -> Answer:
    if code not in call.catalogue.languages:
        names = tuple((name, f"settings language {code}") for code, name in call.catalogue.languages.items())
        raise UserMistake("language.unknown", typed=code[:32], suggestions=names)
    await call.services.users.choose_language(call.user, code, call.mark)
    return STORED


async def _zone(call: Call, typed: str) -> Answer:
    if not typed:
        await call.services.dialogs.ask(call.user.id, call.mark.address.chat_id, "settings zone")
        return Reply(call.texts("settings.ask_zone"))
    await call.services.users.choose_timezone(call.user, parse.zone(typed), call.mark)
    return STORED


COMMANDS = (Command("settings", settings),)
