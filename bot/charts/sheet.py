"""What all pictures have in common: colours, edges, heading, axes, the tag at the last price, whose figures they are.

Imports matplotlib: only the worker may import it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.charts.canvas import HEIGHT, WIDTH, Canvas, drawable
from bot.charts.ticks import Label, moment_text, percent_text, time_labels

SHEET, RULE, TEXT, MUTED = "#0d1220", "#1c2438", "#f2f5fb", "#8390aa"
UP, DOWN, FLAT = "#2ee6a0", "#ff5d78", "#7fb2ff"
LEFT, TOP, FLOOR = 36, HEIGHT - 124, 78
"""Edges of the plot; the right one depends on how wide the labels are."""


@dataclass(frozen=True)
class Frame:
    """From time and value to pixels. Only here do decimals become floats: a pixel is not money."""

    first_s: float
    last_s: float
    low: Decimal
    high: Decimal
    right: float = WIDTH - LEFT

    def x(self, at_s: float) -> float:
        return LEFT + (at_s - self.first_s) / (self.last_s - self.first_s) * (self.right - LEFT)

    def y(self, value: Decimal) -> float:
        return FLOOR + float((value - self.low) / (self.high - self.low)) * (TOP - FLOOR)


def margin_of(low: Decimal, high: Decimal) -> Decimal:
    """A flat line lies in the middle, and a difference no one could see counts as none."""
    return (high - low) if (high - low) > abs(high) * Decimal("1e-12") else abs(high) / 10 or Decimal(1)


def color_of(change: Decimal | None) -> str:
    return UP if change and change > 0 else DOWN if change and change < 0 else FLAT


def right_edge(canvas: Canvas, labels: Sequence[Label], last: str) -> float:
    """Leaves room for the widest label and for the tag."""
    widest = [canvas.width_of(text, size=19) for _, text in labels]
    return WIDTH - 40 - max([*widest, canvas.width_of(last, size=21, bold=True)])


def header(canvas: Canvas, title: str, figure: str, change: Decimal | None) -> None:
    text = percent_text(change) if change is not None else ""
    arrow = "" if change is None or text == "0.00%" else "▲ " if change > 0 else "▼ "
    heading(canvas, title, figure, arrow + text, color_of(change))


def heading(canvas: Canvas, title: str, figure: str, badge: str, color: str) -> None:
    """`badge` beside the figure, none where it is empty."""
    canvas.text(LEFT, HEIGHT - 38, _short(drawable(title, bold=True)), size=24, color=MUTED, bold=True)
    end = LEFT + canvas.text(LEFT, HEIGHT - 84, drawable(figure, bold=True), size=44, color=TEXT, bold=True)
    if badge:
        width = canvas.width_of(badge, size=25, bold=True)
        canvas.box(end + 20, HEIGHT - 105, width + 28, 42, color, alpha=0.16)
        canvas.text(end + 34, HEIGHT - 84, badge, size=25, color=color, bold=True)


def value_axis(canvas: Canvas, frame: Frame, labels: Sequence[Label], tag_y: float) -> None:
    """Without the label that the tag would cover."""
    for value, text in labels:
        y = frame.y(value)
        canvas.line([(LEFT, y), (frame.right, y)], RULE, width=1.2)
        if abs(y - tag_y) > 27:
            canvas.text(frame.right + 14, y, text, size=19, color=MUTED)


def time_axis(canvas: Canvas, frame: Frame, zone: ZoneInfo) -> None:
    for at_s, text in time_labels(frame.first_s, frame.last_s, zone):
        below(canvas, frame.x(at_s), frame.right, text)


def below(canvas: Canvas, x: float, right: float, text: str) -> None:
    """One upright rule and its label, which is left out where it would be cut."""
    half = canvas.width_of(text, size=19) / 2
    canvas.line([(x, FLOOR), (x, TOP)], RULE, width=1.2)
    if x - half >= LEFT - 4 and x + half <= right + 60:
        canvas.text(x, FLOOR - 24, text, size=19, color=MUTED, at="center")


def marked(canvas: Canvas, x: float, y: float, away: float, right: float, text: str) -> None:
    """A dot with its figure above it, or below where `away` is negative."""
    half = canvas.width_of(text, size=18) / 2
    middle = min(max(x, LEFT + half), right - half - 4)
    canvas.box(middle - half - 5, y + away - 12, 2 * half + 10, 24, SHEET, alpha=0.6)
    canvas.dot(x, y, SHEET, radius=6)
    canvas.dot(x, y, TEXT, radius=4)
    canvas.text(middle, y + away, text, size=18, color=TEXT, at="center")


def tag(canvas: Canvas, frame: Frame, x: float, y: float, text: str, color: str) -> None:
    canvas.line([(x, y), (frame.right + 6, y)], color, width=1.6, alpha=0.7, dashed=True)
    canvas.box(frame.right + 6, y - 17, canvas.width_of(text, size=21, bold=True) + 18, 34, color)
    canvas.text(frame.right + 15, y, text, size=21, color=SHEET, bold=True)


def legend(canvas: Canvas, x: float, text: str, color: str) -> float:
    """Left of the source; returns where the next one may begin."""
    canvas.box(x, 17, 8, 16, color, alpha=0.5)
    return x + 18 + canvas.text(x + 18, 25, drawable(text), size=18, color=MUTED) + 22


def source(canvas: Canvas, name: str, at_s: float, zone: ZoneInfo) -> None:
    canvas.text(WIDTH - 24, 25, f"{drawable(name)} · {moment_text(at_s, zone)}", size=18, color=MUTED, at="right")


def place_of(zone: str) -> ZoneInfo:
    # What is not a zone's name raises many things: a directory's name, a name that leaves the directory, no name.
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(zone)
    return ZoneInfo("UTC")


def _short(title: str, most: int = 40) -> str:
    title = " ".join(title.split())
    return title if len(title) <= most else title[: most - 1] + "…"
