"""The catalogues: gettext .po files beside this module, one a language, read at the start."""

import gettext
import html
import logging
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
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

    def __init__(self, code: str, translations: gettext.GNUTranslations, spare: "Texts | None" = None) -> None:
        locale = Locale.parse(code)
        self.code = code
        self.name = locale.get_display_name() or code
        self.numbers = Numbers(locale)
        self.times = Times(locale, self.plain)
        self._translations = translations
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
        template = self._translations.ngettext(key, key, number)
        if template == key:
            template = self._template(key)
            template = self._spare.plural_template(key, number) if self._spare else template
        return Html(self._filled(key, template, _escaped(values) | {"n": self.numbers.count(number)}))

    def plural_template(self, key: str, number: int) -> str:
        return self._translations.ngettext(key, key, number)

    def has(self, key: str) -> bool:
        """Whether this language itself knows the key."""
        return self._translations.gettext(key) != key

    def _template(self, key: str) -> str:
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._looked_up(key)
        return found

    def _looked_up(self, key: str) -> str:
        template = self._translations.gettext(key)
        if key and template != key:  # under the empty key a catalogue keeps its own headers
            return template
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
        compiled = {path.stem: _compiled(path) for path in sorted(folder.glob("*.po"))}
        source = Texts(_SOURCE, compiled.pop(_SOURCE))
        return cls({_SOURCE: source} | {code: Texts(code, each, source) for code, each in compiled.items()}, default)

    @property
    def languages(self) -> Mapping[str, str]:
        """Code to the language's own name for itself."""
        return {code: texts.name for code, texts in self._texts.items()}

    def pick(self, code: str) -> Texts:
        """The closest language: itself, its parent (zh-Hans-CN: zh), or the default."""
        wanted = code.lower().replace("_", "-")
        return self._texts.get(wanted) or self._texts.get(wanted.partition("-")[0]) or self._default


@cache
def _compiled(path: Path) -> gettext.GNUTranslations:
    """Read once in the life of a process: each file takes some 50 ms."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem, abort_invalid=True)
    memory = BytesIO()
    write_mo(memory, catalogue)
    memory.seek(0)
    return gettext.GNUTranslations(memory)


def _escaped(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value if type(value) is Html else html.escape(value, quote=False) for name, value in values.items()}
