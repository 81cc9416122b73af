"""An address as a picture that a wallet's camera reads."""

import io

from bot.domain.replies import Picture

_SCALE = 8
_QUIET_ZONE = 4
_LONGEST = 200


def picture(text: str) -> Picture | None:
    """A PNG; None where there is nothing to draw. Reads of a code a quarter of which is hidden still succeed."""
    if not 0 < len(text) <= _LONGEST:
        return None
    import segno  # noqa: PLC0415  # only who swaps needs it

    drawn = io.BytesIO()
    segno.make_qr(text, error="q").save(drawn, kind="png", scale=_SCALE, border=_QUIET_ZONE)
    return Picture(drawn.getvalue(), "deposit.png")
