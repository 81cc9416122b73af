"""A bot as the server knows it: its token, queue, menu and the queries that wait for its answer."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.telegram.menus import Menus
from bot.sandbox.telegram.updates import Updates

Json = dict[str, Any]
_MOST_QUERIES = 10_000


@dataclass(slots=True, eq=False)
class Query:
    """A press or an inline query; it can be answered until `expires_at`."""

    id: str
    person: int
    chat: int
    expires_at: float
    text: str = ""
    answer: Json | None = None


@dataclass(slots=True, eq=False)
class Bot:
    token: str
    id: int
    username: str
    first_name: str
    updates: Updates
    menus: Menus = field(default_factory=Menus)
    inline_feedback: bool = True
    queries: OrderedDict[str, Query] = field(default_factory=OrderedDict)
    wire: Json = field(init=False)

    def __post_init__(self) -> None:
        self.wire = {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}

    def me(self) -> Json:
        return self.wire | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def ask(self, query: Query) -> None:
        self.queries[query.id] = query
        if len(self.queries) > _MOST_QUERIES:
            self.queries.popitem(last=False)
