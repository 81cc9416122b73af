"""The chat page's files."""

from pathlib import Path

from aiohttp import web

ROOT = Path(__file__).resolve().parent / "page"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
          ".png": "image/png", ".ico": "image/x-icon", ".json": "application/json", ".woff2": "font/woff2"}  # fmt: skip


def serve(path: str) -> web.Response:
    """A file of the page; 404 for anything else, whatever the path tries."""
    wanted = (ROOT / path.lstrip("/")).resolve() if path != "/" else ROOT / "index.html"
    if not wanted.is_relative_to(ROOT) or not wanted.is_file():
        return web.Response(status=404, text="There is no such page.\n")
    kind = _TYPES.get(wanted.suffix, "application/octet-stream")
    text = kind.startswith("text/")
    return web.Response(body=wanted.read_bytes(), content_type=kind, charset="utf-8" if text else None,
                        headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})  # fmt: skip
