"""The pages of the one-time key page: HTML that needs no script, no picture and no second request."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path

from bot.domain.accounts import Held, Invitation
from bot.domain.orders import Traits
from bot.texts import Html, Texts

_STYLE = (Path(__file__).parent / "key_page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, nosnippet",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
}
"""Nothing but this page's own style and its own form; nothing kept, nothing told to where a link leads."""

_MARK = (
    '<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9" fill="#14665a"/>'
    '<path d="M7 12.2h14.2M17 7.4l4.9 4.8-4.9 4.8" fill="none" stroke="#f8f6f1" stroke-width="2.8"'
    ' stroke-linecap="round" stroke-linejoin="round"/><path d="M25 20.4H10.8M15 15.6l-4.9 4.8 4.9 4.8" fill="none"'
    ' stroke="#e6a173" stroke-width="2.8" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
_BOX = '<svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2">{}</svg>'
_TICKED = _BOX.format('<rect x="2" y="2" width="16" height="16" rx="4"/><path d="M6 10.5l3 3 5.5-6.5"/>')
_EMPTY = _BOX.format('<rect x="2" y="2" width="16" height="16" rx="4"/>')
_CROSSED = _BOX.format('<rect x="2" y="2" width="16" height="16" rx="4"/><path d="M6.5 6.5l7 7m0-7l-7 7"/>')
_BOXES = (
    ("page.box.read", _TICKED, ""),
    ("page.box.trade", _TICKED, ""),
    ("page.box.withdraw", _CROSSED, "no"),
    ("page.box.transfer", _EMPTY, "off"),
)
_SIGN = '<svg class="sign" viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="{}" stroke-width="1.6">{}</svg>'
_DONE = _SIGN.format("#2a9d86", '<circle cx="10" cy="10" r="8"/><path d="M6.2 10.4l2.6 2.6 5-5.8"/>')
_OVER = _SIGN.format("#b4561d", '<circle cx="10" cy="10" r="8"/><path d="M10 5.5v5l3 2"/>')


def form(invitation: Invitation, traits: Traits, texts: Texts, *, mistake: Html | None = None) -> str:
    """`mistake`: what was wrong with what was sent last. None of it is shown again."""
    wrong = f'<p class="error" role="alert">{_lines(mistake)}</p>' if mistake else ""
    boxes = "".join(f'<li class="{kind}">{sign}<span>{texts(key)}</span></li>' for key, sign, kind in _BOXES)
    until = f"{invitation.expires_at:%H:%M}"
    tries = f" {texts.plural('page.tries', invitation.tries_left)}" if mistake else ""
    body = (
        f"<h1>{texts('page.head', exchange=traits.title)}</h1>"
        f"<p>{texts('page.about', label=_bold(invitation.label))}</p>{wrong}"
        f"<p>{texts('page.boxes', exchange=traits.title)}</p><ul>{boxes}</ul>"
        f'<p class="small">{texts("page.box.ip")} {_link(traits, texts)}</p>'
        f'<form method="post" autocomplete="off">{_fields(traits.secrets, texts)}'
        f'<button type="submit">{texts("page.connect")}</button>'
        f'<p class="small">{texts("page.clock", until=until)}{tries}</p></form>'
    )
    return _page(texts, texts.plain("page.title"), body)


def done(held: Held, title: str, facts: Sequence[Html], texts: Texts) -> str:
    lines = "".join(f'<li class="fact">{fact}</li>' for fact in facts)
    about = texts("page.done_about", exchange=title, label=_bold(held.label))
    return _page(texts, texts.plain("page.done"), f"{_DONE}<h1>{texts('page.done')}</h1><p>{about}</p><ul>{lines}</ul>")


def over(texts: Texts) -> str:
    """Used, expired, tried too often, or never there: nobody learns which."""
    body = f"{_OVER}<h1>{texts('page.over')}</h1><p>{texts('page.over_about')}</p>"
    return _page(texts, texts.plain("page.over"), body)


def _fields(names: Sequence[str], texts: Texts) -> str:
    return "".join(
        f"<label>{texts(f'page.field.{name}')}"
        f'<input name="{name}" type="{"text" if name == "key" else "password"}" required maxlength="512"'
        ' autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck="false"></label>'
        for name in names
    )


def _link(traits: Traits, texts: Texts) -> str:
    if not traits.key_page:
        return ""
    words = texts("page.open_exchange", exchange=traits.title)
    return f'<a href="{escape(traits.key_page)}" rel="noopener noreferrer" target="_blank">{words}</a>'


def _bold(label: str) -> Html:
    return Html(f"<b>{escape(label)}</b>")


def _lines(text: Html) -> str:
    return text.replace("\n", "<br>")


def _page(texts: Texts, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{escape(texts.code)}"><head><meta charset="utf-8">'
        f"<title>{escape(title)} · Changedesk</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head>"
        f"<body><main><header>{_MARK}<span>Changedesk</span></header>{body}</main></body></html>"
    )
