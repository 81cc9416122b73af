"""Logs: structured, for people or machines, and never with a secret in them."""

import logging
import re
import sys
from collections.abc import Sequence

import structlog
from structlog.typing import Processor

HIDDEN = "[hidden]"
# Token shapes are hidden even where the secret itself is not known to us: another bot's, a mistyped one.
_SHAPES = re.compile(r"\b[0-9]{6,20}:[A-Za-z0-9_-]{30,}|(?i:(signature|sign|apikey|api_key|secret|token)=)[^&\s\"']+")
# These print addresses, and addresses hold the token or a signature. The filter would hide them; silence is safer.
_TALKATIVE = ("httpx", "httpcore", "telegram", "aiohttp.access", "hpack", "matplotlib", "asyncio")


class Redacting(logging.Formatter):
    """The last step before anything is written, so that it also covers what libraries say and what errors hold."""

    def __init__(self, inner: logging.Formatter, secrets: Sequence[str]) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = sorted((secret for secret in secrets if len(secret) >= 6), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        return self.redacted(self._inner.format(record))

    def redacted(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return _SHAPES.sub(lambda match: f"{match[1]}={HIDDEN}" if match[1] else HIDDEN, line)


def set_up(level: str, form: str, secrets: Sequence[str]) -> None:
    """Idempotent; everything goes to standard error. `form`: text or json."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    # Traces without locals: locals hold keys.
    trace = structlog.processors.format_exc_info
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, trace, renderer]
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=last)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(formatter, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # A job that takes longer than its turn leaves one out, by design; that is not worth a line each time.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
