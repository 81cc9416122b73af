"""The suite: what the desk promises, from single rules to the whole of it in a world of its own."""

import os

from hypothesis import HealthCheck, settings

# Machines differ: no example of a property has a deadline, the suite as a whole has one. What a change is judged by
# draws the same examples each time; whoever runs the suite by hand looks further each time.
JUDGED = os.environ.get("CHANGEDESK_CI") == "1"  # noqa: TID251  # no setting of the bot
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=JUDGED, print_blob=True
)
settings.load_profile("house")
