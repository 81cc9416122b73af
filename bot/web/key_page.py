"""The one-time key page: GET shows the form and spends nothing, POST hands the key over."""

from urllib.parse import parse_qs

from aiohttp import web

from bot.domain.accounts import Invitation
from bot.domain.errors import BotError, Unavailable
from bot.domain.ports import Clock
from bot.services.accounts import Accounts
from bot.services.handover import Handover
from bot.texts import Catalogue, Html, Texts
from bot.views import errors
from bot.views.keys import facts
from bot.web import _key_html as html

PATH = "/keys/{token}"
MOST_BYTES = 8 * 1024
_MOST_FIELDS = 8


class KeyPage:
    def __init__(self, handover: Handover, accounts: Accounts, catalogue: Catalogue, clock: Clock) -> None:
        self._handover = handover
        self._accounts = accounts
        self._catalogue = catalogue
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._show), web.post(PATH, self._take)]

    async def _show(self, request: web.Request) -> web.Response:
        """A link's preview asks as a browser does: so nothing happens here."""
        try:
            found = await self._handover.invitation(request.match_info["token"])
        except Unavailable:
            return _answer(html.over(self._texts(request)), 503)
        if found is None:
            return _answer(html.over(self._texts(request)), 410)
        return self._form(found[0], self._texts(request, found[1]))

    async def _take(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        try:
            found, given = await self._handover.invitation(token), await _fields(request)
        except Unavailable:
            return _answer(html.over(self._texts(request)), 503)
        if found is None:
            return _answer(html.over(self._texts(request)), 410)
        texts = self._texts(request, found[1])
        if given is None:
            return self._form(found[0], texts, texts("page.unreadable"), 413)
        try:
            held = await self._handover.take(token, given)
        except BotError as error:
            return await self._refused(token, error, texts)
        title = self._accounts.title(held.vendor)
        return _answer(html.done(held, title, facts(held.health, texts, now=self._clock.now()), texts))

    async def _refused(self, token: str, error: BotError, texts: Texts) -> web.Response:
        """The form once more, with what was wrong; as long as there are tries left."""
        words, status = errors.of(error, texts, now=self._clock.now()).html, 422
        if isinstance(error, Unavailable):
            words, status = texts("page.busy" if error.key == "storage.down" else "page.unavailable"), 503
        try:
            found = await self._handover.invitation(token)
        except Unavailable:
            found = None
        if found is None:
            return _answer(html.over(texts), 410)
        return self._form(found[0], texts, Html(words), status)

    def _form(
        self, invitation: Invitation, texts: Texts, mistake: Html | None = None, status: int = 200
    ) -> web.Response:
        traits = self._accounts.traits(invitation.vendor)
        return _answer(html.form(invitation, traits, texts, mistake=mistake), status)

    def _texts(self, request: web.Request, chosen: str = "") -> Texts:
        """In the language he chose; else in his browser's."""
        asked = request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0].strip()
        return self._catalogue.pick(chosen or asked)


async def _fields(request: web.Request) -> dict[str, str] | None:
    """What the form holds; None where it is too long, or no form at all. Read by hand: nothing of it touches a disk."""
    if request.content_type != "application/x-www-form-urlencoded":
        return None
    body = bytearray()
    async for part in request.content.iter_chunked(4096):
        body += part
        if len(body) > MOST_BYTES:
            return None
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=_MOST_FIELDS).items()}
    except ValueError:
        return None


def _answer(page: str, status: int = 200) -> web.Response:
    return web.Response(text=page, status=status, content_type="text/html", headers=html.HEADERS)
