"""An address as a picture that a wallet's camera reads."""

import io

from bot.domain.replies import Picture

_SCALE = 8
_QUIET_ZONE = 4
_LONGEST = 200


def picture(text: str) -> Picture | None:
    """A PNG; None where there is nothing to draw. One whose seventh part is hidden is still read."""
    if not 0 < len(text) <= _LONGEST:
        return None
    import segno  # noqa: PLC0415  # only who swaps needs it

    drawn = io.BytesIO()
    segno.make_qr(text, error="m", boost_error=False).save(drawn, kind="png", scale=_SCALE, border=_QUIET_ZONE)
    return Picture(drawn.getvalue(), "deposit.png")


def warm() -> None:
    """Imports what drawing needs: some 60 ms, to be spent off the loop before the first picture."""
    import segno  # noqa: F401, PLC0415  # this is the import
