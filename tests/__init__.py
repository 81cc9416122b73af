"""The suite: what the desk promises, from single rules to the whole of it in a world of its own."""

from hypothesis import HealthCheck, settings

# Machines differ: no example of a property has a deadline, the suite as a whole has one.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
