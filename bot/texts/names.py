"""Names from outside, made fit to stand in a line of ours: one line, bounded, nothing that turns text around."""

import unicodedata

_LONGEST = 48
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
# The joiner holds emoji together and is the only format character that a name may keep.
_JOINER = "\u200d"


def label(text: str, longest: int = _LONGEST) -> str:
    """A coin's or a person's name: no control or format characters, single spaces, at most `longest` characters.

    One that runs right to left is isolated, so that the figures behind it stay in their place. "—" for nothing.
    """
    if text.isascii() and text.isprintable() and 0 < len(text) <= longest and text == text.strip():
        return text
    clean = " ".join("".join(_kept(sign) for sign in text[: longest * 4]).split())
    clean = clean if len(clean) <= longest else clean[: longest - 1].rstrip() + "…"
    if any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in clean):
        clean = f"{_ISOLATE}{clean}{_END_ISOLATE}"
    return clean or "—"


def cells(text: str) -> int:
    """Columns taken in a fixed-width font: two for a wide sign, none for one that hangs on another."""
    return sum(map(_cells_of, text)) if not text.isascii() else len(text)


def column(text: str, width: int) -> str:
    """Exactly `width` columns: filled with spaces on the right, or cut with an ellipsis."""
    taken = cells(text)
    if taken <= width:
        return text + " " * (width - taken)
    kept = ""
    for sign in text:
        if cells(kept + sign) > width - 1:
            break
        kept += sign
    return column(kept + "…", width)


def _kept(sign: str) -> str:
    if sign.isspace():
        return " "
    category = unicodedata.category(sign)
    return sign if sign == _JOINER or category[0] != "C" else ""


def _cells_of(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
