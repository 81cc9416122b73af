"""Every language says everything, with the same blanks, in HTML; and the code asks only for what is there."""

import ast
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "bot" / "texts").glob("*.po"))
TAG = re.compile(r"</?([a-z]+)(?: href=\"[^\"<>]*\")?>")
ALLOWED = {"b", "i", "code", "pre", "a", "u", "s", "blockquote"}
PLAIN = ("waiting.toast", "button.", "menu.", "inline.", "age.", "time.", "period.short.")
LONGEST = {"button.": 40, "menu.": 100}
LONGEST_TEXT = 700
# Looked up by a name that is put together: the rest of the key is a value of the part named.
BUILT = (
    "age.",
    "access.",
    "health.",
    "field.",
    "help.",
    "menu.",
    "usage.",
    "period.",
    "standing.",
    "error.head.",
    "source.",
    "order.",
    "intent.price_",
    "button.buy",
    "button.sell",
    "intent.proceeds",
)
BUILT += ("alert.says.", "audit.")
BUILT += ("account.frozen_", "button.key_", "button.limit_", "key.", "page.", "tripwire.")
BUILT += ("swap.stage.", "swap.head.", "swap.alert.", "swap.why.", "swap.kind_", "swap.address_", "swaplimits.")
BUILT += ("coins.", "button.kind_", "button.copy_", "button.change_")
BUILT += ("topic.", "loudness.", "missed.", "button.quiet_")
ERRORS = {"BotError", "UserMistake", "NotAllowed", "Unavailable", "Refused", "Unsure"}


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


CATALOGUES = {path.stem: read(path) for path in FILES}


def key_of(message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def texts_of(catalogue) -> dict[str, tuple[str, ...]]:
    found = {}
    for message in catalogue:
        if message.id:
            found[key_of(message)] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


TEXTS = {code: texts_of(catalogue) for code, catalogue in CATALOGUES.items()}


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_there_are_english_and_chinese():
    assert {"en", "zh"} <= set(TEXTS)


@pytest.mark.parametrize("code", TEXTS)
def test_every_language_has_the_keys_of_english_and_no_others(code):
    assert set(TEXTS[code]) == set(TEXTS["en"])


@pytest.mark.parametrize("code", TEXTS)
def test_every_text_has_the_blanks_of_english(code):
    different = {
        key
        for key, forms in TEXTS[code].items()
        if set().union(*map(blanks, forms)) != set().union(*map(blanks, TEXTS["en"][key]))
    }
    assert not different


@pytest.mark.parametrize("code", TEXTS)
def test_every_plural_has_as_many_forms_as_its_language(code):
    catalogue = CATALOGUES[code]
    wrong = [key_of(m) for m in catalogue if m.id and m.pluralizable and len(m.string) != catalogue.num_plurals]
    assert not wrong


@pytest.mark.parametrize("code", TEXTS)
def test_no_text_is_left_to_be_checked(code):
    assert not [key_of(message) for message in CATALOGUES[code] if message.id and message.fuzzy]


def faults(key: str, text: str) -> Iterator[str]:
    if not text.strip():
        yield "empty"
    if len(text) > next((most for start, most in LONGEST.items() if key.startswith(start)), LONGEST_TEXT):
        yield "too long"
    if not all(name.isidentifier() for name in blanks(text)):
        yield "a blank without a name"
    if re.search("[<>]", TAG.sub("", text)):
        yield "a sign that is no tag"
    if key.startswith(PLAIN) and re.search(r"[<>&\n]", text):
        yield "markup where there can be none"
    yield from wrong_tags(text)


def wrong_tags(text: str) -> Iterator[str]:
    open_tags: list[str] = []
    for match in TAG.finditer(text):
        if match[1] not in ALLOWED:
            yield f"<{match[1]}>"
        if not match[0].startswith("</"):
            open_tags.append(match[1])
        elif not open_tags or open_tags.pop() != match[1]:
            yield f"{match[0]}, never opened"
    if open_tags:
        yield f"left open: {open_tags}"


@pytest.mark.parametrize("code", TEXTS)
def test_a_text_is_filled_bounded_and_in_html_that_telegram_takes(code):
    said = [(key, text) for key, forms in TEXTS[code].items() for text in forms]
    assert not [f"{key}: {fault}" for key, text in said for fault in faults(key, text)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty"),
        ("x" * 701, "too long"),
        ("{0}", "a blank without a name"),
        ("1 < 2", "a sign that is no tag"),
        ("<u>x</u><s", "a sign that is no tag"),
        ("<em>x</em>", "<em>"),
        ("<b>x", "left open: ['b']"),
        ("x</b>", "</b>, never opened"),
        ("<b><i>x</b></i>", "</b>, never opened"),
    ],
)
def test_such_a_fault_is_seen(text, fault):
    assert fault in list(faults("some.key", text))


def test_markup_on_a_button_is_seen():
    assert list(faults("button.x", "<b>x</b>")) == ["markup where there can be none"]


def test_chinese_is_written_in_chinese():
    letters = re.compile(r"[a-z]{3,}(?: [a-z]{2,}){2,}")  # three English words in a row
    stripped = {key: re.sub(r"<code>.*?</code>", "", " ".join(forms)) for key, forms in TEXTS["zh"].items()}
    assert not [key for key, text in stripped.items() if letters.search(text)]


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for folder in ("bot", "handlers", "storage"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "sandbox" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield path, node


def asked() -> Iterator[tuple[str, str, set[str], bool]]:
    """(place, key, blanks filled, whether more blanks may be filled than can be seen)."""
    for path, node in calls():
        function, method = node.func, node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = function.id if isinstance(function, ast.Name) else ast.unparse(function)
        is_text = re.fullmatch(r"(\w+\.)*_?texts(\.plain|\.plural)?", name) or method == "_say"
        if not (is_text or name in ERRORS) or not node.args:
            continue
        keywords = {word.arg for word in node.keywords if word.arg}
        more = any(word.arg is None for word in node.keywords)
        for key in strings(node.args[0]):
            yield (
                f"{path.relative_to(ROOT)}:{node.lineno}",
                key,
                keywords | ({"n"} if method == "plural" else set()),
                more,
            )


def strings(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    return [text for part in (node.body, node.orelse) for text in strings(part)] if isinstance(node, ast.IfExp) else []


@pytest.fixture(scope="module")
def wanted() -> list[tuple[str, str, set[str], bool]]:
    found = list(asked())
    assert len(found) > 60  # else the code was not read
    return found


def test_every_text_the_code_names_is_there(wanted):
    assert not [f"{place}: {key}" for place, key, *_ in wanted if key not in TEXTS["en"]]


def test_every_text_the_code_names_gets_its_blanks(wanted):
    needed = {key: set().union(*map(blanks, forms)) for key, forms in TEXTS["en"].items()}
    assert not [
        f"{place}: {needed[key] - filled} of {key}"
        for place, key, filled, more in wanted
        if not more and key in needed and not needed[key] <= filled
    ]


REFUSING = ("NotAllowed", "Unavailable", "Refused", "Unsure")
BY_NAME = {"order.locked", "order.halted", "order.put_back"}
"""Raised by what a function returned."""


def refusals() -> set[str]:
    found = {
        node.args[0].value
        for folder in ("bot", "handlers")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in REFUSING
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    return found | BY_NAME


@pytest.mark.parametrize("code", TEXTS)
def test_a_refusal_wears_one_sign_which_is_its_heads(code):
    keys = refusals()
    assert len(keys) > 20
    texts = {key: text for key in keys & set(TEXTS[code]) for text in TEXTS[code][key]}
    assert not {key: text for key, text in texts.items() if unicodedata.category(text[0]) == "So"}


def test_what_commands_do_is_told_alike():
    lines = {key: text for key, (text, *_) in TEXTS["en"].items() if key.startswith("menu.")}
    assert not {key: text for key, text in lines.items() if text[0].isupper() or text.endswith(".")}


def test_no_text_is_there_for_nobody(wanted):
    used = {key for _, key, _, _ in wanted}
    constants = {
        node.value
        for folder in ("bot", "handlers", "storage")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not {key for key in TEXTS["en"] if key not in used | constants and not key.startswith(BUILT)}


def test_every_command_has_its_menu_line_help_and_usage():
    keys = TEXTS["en"]
    menus = {key.removeprefix("menu.") for key in keys if key.startswith("menu.")}
    assert menus == {key.removeprefix("usage.") for key in keys if key.startswith("usage.")}
    assert not [name for name in menus if f"help.{name}" not in keys]


def test_keys_stand_once_in_the_file():
    for path in FILES:
        ids = sorted(re.findall(r"^msgid \"(.+)\"", path.read_text(encoding="utf-8"), re.MULTILINE))
        assert not [one for one, other in pairwise(ids) if one == other]
