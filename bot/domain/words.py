"""Words as they are typed on any keyboard, read as the usual ones that were meant."""

import unicodedata

_SAME_SIGN = ("<wide>", "<narrow>", "<font>")
"""Another width or face of a sign. Not what stands raised, lowered or in a circle: 10² is not 102."""


def legible(text: str) -> str:
    """Full-width signs (`ＢＴＣ`, `１．５`) as the usual ones, and without those that nobody sees. Idempotent.

    For names of coins, options and amounts. Never for an address, a memo, a key or a text of somebody's own.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", "".join(map(_folded, text)))


def _folded(sign: str) -> str:
    if unicodedata.category(sign) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", sign) if unicodedata.decomposition(sign).startswith(_SAME_SIGN) else sign
