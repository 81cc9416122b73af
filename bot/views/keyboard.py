"""Keyboards: rows of buttons that Telegram will take, and the word by which a command finds a coin again."""

from collections.abc import Iterable, Sequence

from bot.domain.assets import Asset
from bot.domain.replies import Button, Keyboard

_MOST_BUTTONS = 100
_MOST_IN_A_ROW = 8
_MOST_COPIED = 256


def keyboard(*rows: Iterable[Button | None]) -> Keyboard:
    """Without the buttons that would not work, and without rows left empty by that."""
    kept = [tuple(button for button in row if button and _works(button))[:_MOST_IN_A_ROW] for row in rows]
    return _bounded([row for row in kept if row])


def grid(buttons: Sequence[Button | None], width: int) -> tuple[tuple[Button | None, ...], ...]:
    """Rows of `width`, the last one shorter."""
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def word(asset: Asset) -> str:
    """What a command takes for this coin: its ticker where that is the source's own id too, else that id, exactly."""
    return asset.ticker if asset.ticker.upper() == asset.symbol.upper() else own_word(asset)


def own_word(asset: Asset) -> str:
    """The word that means this coin and no other, also where several share its ticker."""
    return f"={asset.symbol}" if asset.symbol else ""


def run(text: str, *command: str, in_place: bool = False) -> Button | None:
    """A button for a command line; None where a word is empty or would be read as two."""
    if any(part.split() != [part] for part in command):
        return None
    return Button(text, ("!" if in_place else "") + " ".join(command))


def _works(button: Button) -> bool:
    if button.url:
        return True
    return 0 < len(button.copy) <= _MOST_COPIED if button.copy else bool(button.data) and button.fits


def _bounded(rows: Sequence[tuple[Button, ...]]) -> Keyboard:
    room, kept = _MOST_BUTTONS, []
    for row in rows:
        if len(row) > room:
            break
        room -= len(row)
        kept.append(row)
    return tuple(kept)
