"""The process around the desk."""

import gc
import sys
from collections.abc import Iterator

import pytest

from bot.app import THREAD_TURN_S, tune


@pytest.fixture
def _as_it_was() -> Iterator[None]:
    turn_s = sys.getswitchinterval()
    yield
    sys.setswitchinterval(turn_s)
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("_as_it_was")
def test_what_was_imported_is_left_alone_and_what_comes_after_is_collected():
    gc.disable()
    tune()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert sys.getswitchinterval() == pytest.approx(THREAD_TURN_S)
