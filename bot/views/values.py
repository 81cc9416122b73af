"""What a notice carries, as its views read it: it may be a year old, and lack what is known of by now."""

from collections.abc import Mapping

Values = Mapping[str, object]


def told(values: Values, name: str) -> str:
    """As it was stored; empty where there is none."""
    value = values.get(name)
    return "" if value is None else str(value)
