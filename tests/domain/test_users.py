"""People's rights: each standing on each kind of desk."""

from itertools import product

import pytest

from bot.domain.assets import Symbol
from bot.domain.users import Access, Standing, User

EVERY = list(product(Access, Standing))
MONEY = {
    (Access.APPROVAL, Standing.MEMBER),
    (Access.OPEN, Standing.STRANGER),
    (Access.OPEN, Standing.ASKED),
    (Access.OPEN, Standing.MEMBER),
    *((access, Standing.ADMIN) for access in Access),
}


@pytest.mark.parametrize(("access", "standing"), EVERY)
def test_money_is_for_whom_the_operator_lets_near_it(access, standing):
    user = User(1, "A", standing)
    assert user.may_use_money(access, is_admin=False) is ((access, standing) in MONEY)


@pytest.mark.parametrize(("access", "standing"), EVERY)
def test_an_admin_is_made_by_the_settings_and_unmade_by_nobody(access, standing):
    assert User(1, "A", standing).may_use_money(access, is_admin=True)


def test_a_pick_is_for_its_own_ticker():
    user = User(1, "A", picks=(("UNI", Symbol("UNICORN")),))
    assert user.pick("UNI") == "UNICORN"
    assert user.pick("BTC") is None
