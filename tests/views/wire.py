"""What Telegram would say to a reply: its limits, counted after its markup is read, as its server counts."""

from html.parser import HTMLParser

from bot.domain.replies import Reply

TAGS = {"b", "i", "code", "pre", "a", "u", "s", "blockquote"}
COMMANDS = {
    *("start", "help", "price", "cap", "chart", "calc", "export", "watch", "settings", "cancel", "access", "users"),
    *("pick", "letin", "block"),
    *("ticker", "candles", "depth", "trades", "compare", "exchanges"),
    *("balance", "buy", "sell", "trade", "orders", "order", "history", "mytrades", "cancelorder", "coo"),
    *("confirm", "dismiss", "again"),
    *("notify", "quiet", "missed"),
    *("swap", "rate", "coins", "swaps", "status", "addresses"),
    *("alert", "alerts", "delalert"),
    *("audit", "person", "promote", "demote"),
    *("broadcast", "summary", "subscribe"),
    *("health", "keys", "guard", "lock", "unlock", "limits", "phrase", "secondstep"),
}


class Markup(HTMLParser):
    """The text as a reader sees it; an AssertionError for a tag that is foreign, open or crossed."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.entities, self._open = "", 0, []
        self.feed(markup)
        self.close()
        assert not self._open, f"left open: {self._open}"

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        assert not attrs or (tag == "a" and [name for name, _ in attrs] == ["href"])
        self._open.append(tag)
        self.entities += 1

    def handle_endtag(self, tag):
        assert self._open, f"closed, never opened: {tag}"
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def unknown_decl(self, data):
        raise AssertionError(data)

    handle_comment = handle_decl = handle_pi = unknown_decl


def read(markup: str) -> str:
    return Markup(markup).text


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def check(reply: Reply) -> str:
    """The text as read, after everything Telegram would refuse was looked for."""
    seen = Markup(reply.html)
    most = 1024 if reply.picture or reply.document else 4096
    assert 0 < utf16(seen.text.strip()) <= most
    assert seen.entities <= 100
    buttons = [button for row in reply.buttons for button in row]
    assert len(buttons) <= 100
    assert all(1 <= len(row) <= 8 for row in reply.buttons)
    for button in buttons:
        assert button.text.strip()
        assert len(button.text) <= 64
        assert [bool(button.data), bool(button.url), bool(button.copy)].count(True) == 1
        assert len(button.copy) <= 256
        if button.data:
            assert len(button.data.encode()) <= 64
            assert button.data.removeprefix("!").split()[0] in COMMANDS
            assert button.data == " ".join(button.data.split())
    return seen.text


def data(reply: Reply) -> list[list[str]]:
    return [[button.data for button in row] for row in reply.buttons]


def labels(reply: Reply) -> list[list[str]]:
    return [[button.text for button in row] for row in reply.buttons]
