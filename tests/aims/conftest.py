"""Properties of rules run without a stop-watch: the machine may be busy."""

from hypothesis import settings

settings.register_profile("rules", deadline=None)
settings.load_profile("rules")
