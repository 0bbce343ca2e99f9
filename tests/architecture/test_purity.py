"""Rules and processes give the same answer twice, rendering cannot send, one module reads the environment."""

import pytest

from tests.architecture.sources import PRODUCT, Module, assert_none, modules

CLOCK_AND_CHANCE = (
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time",
    "random",
    "secrets",
    "uuid.uuid1",
    "uuid.uuid4",
    "os.urandom",
)
ENVIRONMENT = ("os.environ", "os.getenv", "os.putenv")
# The command line hands its own environment on to the servers that it starts.
MAY_READ_ENVIRONMENT = ("adapters/settings.py", "cli/")
CLIENTS = ("slack_sdk.web", "slack_sdk.webhook", "slack_sdk.socket_mode", "slack_sdk.WebClient", "httpx", "aiohttp")


def rendering() -> list[Module]:
    """Find the modules that make Slack views out of records."""
    patterns = ("blocks.py", "blocks_*.py", "views*.py")
    return [module for module in modules("adapters/slack") if any(map(module.path.match, patterns))]


@pytest.mark.parametrize("folder", ["aims", "workflows"])
def test_no_clock_and_no_chance_in(folder: str) -> None:
    assert_none(use for module in modules(folder) for use in module.reached(*CLOCK_AND_CHANCE))


def test_only_the_settings_read_the_environment() -> None:
    others = [m for m in modules(*PRODUCT) if not m.path.as_posix().startswith(MAY_READ_ENVIRONMENT)]
    assert_none(use for module in others for use in module.reached(*ENVIRONMENT))


def test_rendering_cannot_send() -> None:
    assert_none(use for module in rendering() for use in module.reached(*CLIENTS))


def test_rendering_knows_no_neighbour_that_sends() -> None:
    """A sibling that holds a client is as good as the client."""
    senders = [f"adapters.slack.{m.path.stem}" for m in modules("adapters/slack") if m.reached(*CLIENTS)]
    assert_none(use for module in rendering() for use in module.reached(*senders))
