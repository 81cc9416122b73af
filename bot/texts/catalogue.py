"""The catalogues: gettext .po files beside this module, one a language, read at the start."""

import gettext
import html
import logging
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from bot.texts.numbers import UNKNOWN, Numbers
from bot.texts.times import Times

_HERE = Path(__file__).parent
_SOURCE = "en"
_log = logging.getLogger(__name__)


class Html(str):
    """Already escaped: set into a text as it stands. Everything else is escaped on its way in."""

    __slots__ = ()


class Texts:
    """The texts of one language. Texts are HTML; those for buttons and toasts are taken by `plain`."""

    def __init__(self, code: str, catalogue: Catalog, spare: "Texts | None" = None) -> None:
        locale = Locale.parse(code)
        self.code = code
        self.name = locale.get_display_name() or code
        self.numbers = Numbers(locale)
        self.times = Times(locale, self.plain)
        self._messages = {_first(one.id): one.string for one in catalogue if _is_told(one)}
        self._form = gettext.c2py(catalogue.plural_expr)
        self._spare = spare
        self._found: dict[str, str] = {}

    def __call__(self, key: str, **values: str) -> Html:
        """The text as HTML, with its values escaped unless they are Html already."""
        return Html(self._filled(key, self._template(key), _escaped(values)))

    def plain(self, key: str, **values: str) -> str:
        """The text as it stands, nothing escaped: for buttons, toasts, menus and inline titles, which take no HTML."""
        return self._filled(key, self._template(key), values)

    def plural(self, key: str, number: int, **values: str) -> Html:
        """The form this language uses for `number`, which the text calls {n}. HTML."""
        filled = _escaped(values) | {"n": self.numbers.count(number)}
        return Html(self._filled(key, self._plural_template(key, number), filled))

    def has(self, key: str) -> bool:
        """Whether this language itself knows the key."""
        return key in self._messages

    def _plural_template(self, key: str, number: int) -> str:
        forms = self._messages.get(key)
        if isinstance(forms, tuple):
            return str(forms[self._form(number)])
        template = self._template(key)
        return self._spare._plural_template(key, number) if self._spare else template  # noqa: SLF001 - another of the same class

    def _template(self, key: str) -> str:
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._looked_up(key)
        return found

    def _looked_up(self, key: str) -> str:
        if template := self._messages.get(key):
            return _first(template)
        _log.error("text missing: %s has no %s", self.code, key)
        return self._spare._template(key) if self._spare else key or UNKNOWN  # noqa: SLF001 - another of the same class

    def _filled(self, key: str, template: str, values: Mapping[str, str]) -> str:
        try:
            return template.format_map(values)
        except KeyError as gap:
            _log.error("text %s of %s was not given %s", key, self.code, gap)
            return template.format_map(_Gaps(values))


class _Gaps(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return UNKNOWN


class Catalogue:
    """All languages found. `load` once at the start; a line that is no .po raises there."""

    def __init__(self, texts: Mapping[str, Texts], default: str) -> None:
        self._texts = texts
        self._default = texts[default]

    @classmethod
    def load(cls, folder: Path = _HERE, default: str = _SOURCE) -> "Catalogue":
        """Reads every <code>.po of the folder. KeyError where `default` or English is not among them."""
        found = {path.stem: _read(path) for path in sorted(folder.glob("*.po"))}
        source = Texts(_SOURCE, found.pop(_SOURCE))
        return cls({_SOURCE: source} | {code: Texts(code, each, source) for code, each in found.items()}, default)

    @property
    def languages(self) -> Mapping[str, str]:
        """Code to the language's own name for itself."""
        return {code: texts.name for code, texts in self._texts.items()}

    def pick(self, code: str) -> Texts:
        """The closest language: itself, its parent (zh-Hans-CN: zh), or the default."""
        wanted = code.lower().replace("_", "-")
        return self._texts.get(wanted) or self._texts.get(wanted.partition("-")[0]) or self._default


@cache
def _read(path: Path) -> Catalog:
    """Once in the life of a process: each file takes some 30 ms."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def _is_told(message: Message) -> bool:
    """Not the catalogue's own headers, nor what is still to be translated, be it one form only."""
    return bool(message.id and message.string and all(message.string) and not message.fuzzy)


def _first(text: str | Sequence[str]) -> str:
    """Of a text with plural forms, the first."""
    return text if isinstance(text, str) else text[0]


def _escaped(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value if type(value) is Html else html.escape(value, quote=False) for name, value in values.items()}
