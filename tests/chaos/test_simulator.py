"""A thousand stories of orders and swaps, and in each of them every promise is kept."""

import logging
import os
from collections import Counter

import pytest
import structlog

from tests.chaos.simulator import Story, Template, simulate

STORIES = 1_000
A_PART = 100


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Template:
    return Template(tmp_path_factory.mktemp("template"))


@pytest.fixture(autouse=True)
def _quiet():
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


def _told(seeds: range, template: Template) -> list[Story]:
    stories = [simulate(seed, template) for seed in seeds]
    faulty = [f"seed {story.seed}: {fault}" for story in stories for fault in story.faults]
    assert not faulty, "\n".join(faulty[:20])
    return stories


@pytest.mark.parametrize("first", range(0, STORIES, A_PART))
def test_at_most_one_order_an_intent_and_nothing_unknown_in_the_end(template, first):
    stories = _told(range(first, first + A_PART), template)
    came_to = sum((story.states for story in stories), Counter())
    # Else these stories would prove nothing.
    assert sum(story.kills for story in stories) > A_PART
    assert {"place:accepted", "place:not_placed", "place:refused", "cancel:accepted"} <= came_to.keys()
    assert {"swap:accepted", "swap:not_placed", "swap:refused"} <= came_to.keys()


@pytest.mark.parametrize("seed", [3, 77])
def test_the_same_seed_is_the_same_story(template, seed):
    assert len({simulate(seed, template).trace for _ in range(10)}) == 1
    assert simulate(seed, template).trace != simulate(seed + 1, template).trace


@pytest.mark.soak
def test_as_many_stories_as_one_likes(template):
    count = int(os.environ.get("STORIES", "20000"))  # noqa: TID251  # a soak's length is its caller's
    _told(range(1_000_000, 1_000_000 + count), template)
