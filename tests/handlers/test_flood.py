"""How much one person may ask: by when it was sent, told once."""

from hypothesis import given
from hypothesis import strategies as st

from handlers._flood import MOST_PEOPLE, Flood


def test_a_burst_is_admitted_and_then_so_much_a_second():
    flood = Flood(burst=5, per_second=1)
    assert [flood.admits(1, 100) for _ in range(6)] == [True] * 5 + [False]
    assert flood.admits(1, 101)
    assert not flood.admits(1, 101.5)


def test_one_persons_flood_is_nobody_elses():
    flood = Flood(burst=1)
    assert flood.admits(1, 0)
    assert not flood.admits(1, 0)
    assert flood.admits(2, 0)


def test_what_piled_up_while_the_desk_was_away_is_no_flood():
    flood = Flood(burst=5, per_second=1)
    assert all(flood.admits(1, sent_at) for sent_at in range(0, 600, 2))


@given(st.lists(st.floats(0, 100), max_size=200), st.integers(1, 10))
def test_it_never_admits_more_than_burst_and_time_allow(sent, burst):
    flood = Flood(burst=burst, per_second=1)
    admitted = sum(flood.admits(1, at) for at in sent)
    assert admitted <= burst + max(sent, default=0)


def test_a_flood_is_told_once_and_a_later_one_again():
    flood = Flood(burst=4, per_second=1)
    for _ in range(5):
        flood.admits(1, 0)
    assert [flood.shall_tell(1), flood.shall_tell(1)] == [True, False]
    flood.admits(1, 0.5)
    assert not flood.shall_tell(1)
    for _ in range(5):
        flood.admits(1, 100)
    assert flood.shall_tell(1)


def test_it_remembers_only_so_many_people():
    flood = Flood()
    for person in range(MOST_PEOPLE + 50):
        flood.admits(person, 0)
    assert len(flood._buckets) == MOST_PEOPLE
