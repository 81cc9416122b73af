"""Values of the notices about notices, as their service and delivery store them."""

from datetime import time

from bot.domain.telling import Loudness, Quiet, Topic, Wishes
from bot.services.telling import told_of

from . import intent_samples

WISHES = told_of(Wishes("Europe/Berlin", {Topic.FILLS: Loudness.OFF}, Quiet(time(23), time(7), holds=True)))
AT_MS = 1_795_250_000_000
ENDED = intent_samples.SAMPLES["order_ended"]
DIGEST = {
    "items": [[AT_MS, "order_ended", ENDED], [AT_MS + 1, "access_granted", {}], [AT_MS + 2, "no_such_kind", {}]],
    "more": 2,
    "zone": "Europe/Berlin",
}
SAMPLES = {"notify_saved": WISHES, "quiet_saved": WISHES, "digest": DIGEST}
