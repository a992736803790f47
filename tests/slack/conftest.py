import pytest

from bot.library import Library


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.open(trial=False)
