"""The second step: a code from the person's own app (TOTP), asked for before keys and limits change."""

import json
from datetime import UTC, datetime

import pyotp

from bot.domain.errors import NotAllowed
from bot.domain.guards import Enrolment
from bot.domain.notices import Mark, Notice
from storage.guards import SecondStep
from storage.store import Transaction

MOST_WRONG = 5
BARRED_MS = 15 * 60 * 1000
_STEPS_AWAY = 1
"""A phone's clock may be 30 s off, and a code takes time to type."""


class CodeNeeded(NotAllowed):
    """The person has a second step, and gave no code yet. Nothing was done."""

    def __init__(self) -> None:
        super().__init__("second_step.ask")


def passed(tx: Transaction, mark: Mark, code: str, *, demanded: bool) -> Notice | None:
    """None: go on; the open question for the code ends. A notice: the code was wrong, which is counted.

    Raises CodeNeeded, and NotAllowed where codes are barred, or `demanded` and none is set up. Runs inside a write.
    """
    step = tx.guards.second_step(mark.user_id)
    if step is None or not step.active:
        if demanded:
            raise NotAllowed("second_step.demanded")
        return None
    if not code:
        raise CodeNeeded
    return _checked(tx, mark, step, code)


def confirmed(tx: Transaction, mark: Mark, code: str) -> Notice | None:
    """The first code of a second step that is being set up: from now on it holds. Otherwise as `passed`."""
    step = tx.guards.second_step(mark.user_id)
    if step is None or step.active:
        raise NotAllowed("second_step.not_begun")
    return _checked(tx, mark, step, code)


def begun(tx: Transaction, user_id: int, account: str) -> Enrolment:
    """A new secret; the one that holds, if any, must be ended first. Runs inside a write."""
    step = tx.guards.second_step(user_id)
    if step and step.active:
        raise NotAllowed("second_step.active")
    secret = pyotp.random_base32()
    tx.guards.enrol(user_id, tx.seal(user_id, json.dumps(secret).encode(), "guards", "totp"))
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name="Changedesk"))


def _checked(tx: Transaction, mark: Mark, step: SecondStep, code: str) -> Notice | None:
    if tx.now_ms < step.barred_until:
        raise NotAllowed("second_step.barred", until=datetime.fromtimestamp(step.barred_until / 1000, UTC))
    used = _step_of(code, json.loads(tx.open(mark.user_id, step.sealed, "guards", "totp")), tx.now_ms)
    if used is None:
        return _wrong(tx, mark.user_id, step)
    if not tx.guards.code_used(mark.user_id, used):
        raise NotAllowed("second_step.used")
    tx.dialogs.end(mark.user_id, mark.address.chat_id)
    return None


def _wrong(tx: Transaction, user_id: int, step: SecondStep) -> Notice:
    wrong = step.wrong + 1
    if wrong < MOST_WRONG:
        tx.guards.code_wrong(user_id, wrong, 0)
        return Notice("code_wrong", {"left": MOST_WRONG - wrong})
    # The count begins anew when the bar is over: five tries each quarter of an hour.
    tx.guards.code_wrong(user_id, 0, tx.now_ms + BARRED_MS)
    return Notice("code_wrong", {"left": 0, "minutes": BARRED_MS // 60_000})


def _step_of(code: str, secret: str, now_ms: int) -> int | None:
    """Which 30 s step this is the code of, near enough to now; None where of none."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now_ms // 1000, valid_window=_STEPS_AWAY)
    except pyotp.OTPVerificationError:
        return None
