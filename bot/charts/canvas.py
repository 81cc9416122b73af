"""A sheet of pixels over matplotlib's object API: lines, areas, bars, tags and text. Only the worker imports it."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform, TransformedPath
from numpy.typing import NDArray
from PIL import Image

WIDTH, HEIGHT = 1000, 560
DPI = 72
"""At 72 dots an inch a point is a pixel: every size below is in pixels, from the lower left corner."""

Dots = Sequence[tuple[float, float]]
PIXELS = IdentityTransform()


@cache
def _font(*, bold: bool) -> FontProperties:
    # By file, not by name: the picture must not depend on what fonts a machine has.
    family = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    return FontProperties(fname=findfont(family))


@cache
def _drawable(*, bold: bool) -> frozenset[int]:
    return frozenset(get_font(findfont(_font(bold=bold))).get_charmap())


def drawable(text: str, *, bold: bool = False) -> str:
    """`text` without the signs the font lacks: better a shorter title than one of boxes."""
    return "".join(sign for sign in text if ord(sign) in _drawable(bold=bold) and sign.isprintable())


class Clipped(Artist):
    """Pixels as they are, lowest row first, seen through an outline; an image of the library's would be resampled."""

    def __init__(self, pixels: NDArray[np.uint8], left: int, floor: float, outline: Path) -> None:
        super().__init__()
        self._pixels, self._left, self._floor = pixels, left, floor
        self._outline = TransformedPath(outline, PIXELS)

    def draw(self, renderer: Any) -> None:
        pen = renderer.new_gc()
        pen.set_clip_path(self._outline)
        renderer.draw_image(pen, self._left, self._floor, self._pixels)
        pen.restore()


class Canvas:
    def __init__(self, background: str) -> None:
        self._figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=background)
        # Any: the library's own annotations leave this class out.
        self._agg: Any = FigureCanvasAgg(self._figure)

    def _add(self, artist: Artist) -> None:
        # What is drawn later lies above, whatever the library thinks of lines and boxes.
        artist.set_zorder(len(self._figure.artists))
        self._figure.add_artist(artist)

    def text(
        self, x: float, y: float, text: str, *, size: float, color: str, bold: bool = False, at: str = "left"
    ) -> float:
        """Centred on `y`; `at` says which part of it is at `x`. Returns its width."""
        # Dollar signs mean dollars here, not formulas.
        font = _font(bold=bold).copy()
        font.set_size(size)
        artist = Text(
            x,
            y,
            text,
            color=color,
            fontproperties=font,
            ha=at,
            va="center_baseline",
            parse_math=False,
            transform=PIXELS,
        )
        self._add(artist)
        return float(artist.get_window_extent(self._agg.get_renderer()).width)

    def line(self, dots: Dots, color: str, *, width: float, alpha: float = 1, dashed: bool = False) -> None:
        self._add(
            Line2D(
                [x for x, _ in dots],
                [y for _, y in dots],
                color=color,
                linewidth=width,
                alpha=alpha,
                linestyle=(0, (2, 3)) if dashed else "-",
                solid_joinstyle="round",
                solid_capstyle="round",
                transform=PIXELS,
            )
        )

    def bars(self, dots: Dots, floor: float, color: str, *, width: float, alpha: float = 1) -> None:
        """One upright bar from `floor` to each dot."""
        self.sticks([(x, floor, y) for x, y in dots], color, width=width, alpha=alpha)

    def sticks(
        self, upright: Sequence[tuple[float, float, float]], color: str, *, width: float, alpha: float = 1
    ) -> None:
        """Each at `x`, from one height to another."""
        sticks = [((x, low), (x, high)) for x, low, high in upright]
        self._add(
            LineCollection(sticks, colors=color, linewidths=width, alpha=alpha, capstyle="butt", transform=PIXELS)
        )

    def area(self, runs: Sequence[Dots], floor: float, color: str, *, alpha: float) -> None:
        """Below each run of dots down to `floor`, fading out downward."""
        outlines = [Path([(run[0][0], floor), *run, (run[-1][0], floor)]) for run in runs if len(run) > 1]
        if not outlines:
            return
        outline = Path.make_compound_path(*outlines)
        left, top = round(min(run[0][0] for run in runs)), max(y for run in runs for _, y in run)
        width, height = round(max(run[-1][0] for run in runs)) - left + 1, round(top - floor) + 1
        fading = np.empty((height, width, 4), np.uint8)
        fading[..., :3] = [round(part * 255) for part in to_rgb(color)]
        fading[..., 3] = (np.linspace(0, 1, height) ** 1.4 * alpha * 255)[:, None]
        self._add(Clipped(fading, left, floor, outline))

    def dot(self, x: float, y: float, color: str, *, radius: float, alpha: float = 1) -> None:
        self._add(Circle((x, y), radius, facecolor=color, edgecolor="none", alpha=alpha, transform=PIXELS))

    def box(self, x: float, y: float, width: float, height: float, color: str, *, alpha: float = 1) -> None:
        """Rounded; `x`, `y` is its lower left corner."""
        round_corners = f"round,pad=0,rounding_size={min(6.0, height / 2)}"
        self._add(
            FancyBboxPatch(
                (x, y), width, height, boxstyle=round_corners, facecolor=color, edgecolor="none", alpha=alpha,
                transform=PIXELS,
            )
        )  # fmt: skip

    def width_of(self, text: str, *, size: float, bold: bool = False) -> float:
        font = _font(bold=bold).copy()
        font.set_size(size)
        width, _, _ = self._agg.get_renderer().get_text_width_height_descent(text, font, ismath=False)
        return float(width)

    def png(self) -> bytes:
        """With a palette of 256 colours: half the bytes, and no eye sees it."""
        self._agg.draw()
        picture = Image.frombuffer("RGBA", (WIDTH, HEIGHT), self._agg.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
        # Every sixteenth pixel knows the colours as well as all of them do, and is asked in a fifth of the time.
        sample = picture.resize((WIDTH // 4, HEIGHT // 4), Image.Resampling.NEAREST)
        palette = sample.quantize(256, dither=Image.Dither.NONE)
        buffer = io.BytesIO()
        picture.quantize(palette=palette, dither=Image.Dither.NONE).save(buffer, "PNG")
        return buffer.getvalue()


mpl.rcParams["path.simplify"] = False
