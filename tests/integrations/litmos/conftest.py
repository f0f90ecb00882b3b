import pytest

from integrations.contract.errors import BudgetEmpty
from integrations.contract.secret import Secret
from integrations.providers.litmos.client import LitmosClient
from integrations.providers.litmos.limits import Limits

KEY = "CANARY-6f1d2c9e-5b7a-4a63"
URL = "https://api.litmos.com/v1.svc"


class Purse:
    """A budget of so many calls."""

    def __init__(self, calls: int = 1_000_000) -> None:
        self.left = calls
        self.drained: list[float] = []

    def take(self) -> None:
        if not self.left:
            raise BudgetEmpty(17)
        self.left -= 1

    def drain(self, seconds: float) -> None:
        self.drained.append(seconds)


@pytest.fixture
def purse() -> Purse:
    return Purse()


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def connect(purse, naps):
    """A client without pauses; `naps` are those it would have made."""
    opened = []

    def make(
        url: str = URL, key: str = KEY, limits: Limits | None = None, **options
    ) -> LitmosClient:
        client = LitmosClient(
            base_url=url,
            api_key=Secret(key),
            budget=options.pop("budget", purse),
            limits=limits,
            sleep=naps.append,
            **options,
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()
