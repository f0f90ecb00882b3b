"""What is said about the files is the same on every database: one pass of `make test` is enough."""

import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if "/tests/meta/" in str(item.path):
            item.add_marker(pytest.mark.once)
