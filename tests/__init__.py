"""The suite. Machines differ, so no example of a property has a deadline; the suite as a whole has one."""

from hypothesis import HealthCheck, settings

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
