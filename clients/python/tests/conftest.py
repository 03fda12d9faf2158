"""Fixtures: a stack for all tests, stacks of their own for those that break it, and both clients as one."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stack import Stack

import antre

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """What most tests share: each has bills of its own on it."""
    with Stack() as shared:
        yield shared


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """For a test that breaks it."""
    with Stack() as own:
        yield own


@pytest.fixture
def bill() -> Callable[..., dict[str, Any]]:
    """Makes invoices with an external id that no other test has."""

    def make(**fields: Any) -> dict[str, Any]:
        return {"external_id": f"PY-{next(_numbers):05}", "amount": 350000, **fields}

    return make


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints what tests measured: figures are shown and never asserted."""
    for report in terminalreporter.getreports("passed"):
        for name, figure in report.user_properties:
            terminalreporter.write_line(f"{name}: {figure}")


class Clients:
    """Calls `Client` or `AsyncClient`, so that each test is run with both."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def call(self, where: Stack | str, name: str, *arguments: Any, account: str = "default", **named: Any) -> Any:
        """Makes a client, and one call with it."""
        with self.kept(where, account) as call:
            return call(name, *arguments, **named)

    @contextlib.contextmanager
    def kept(self, where: Stack | str, account: str = "default") -> Iterator[Callable[..., Any]]:
        """Makes a client for several calls."""
        url = where if isinstance(where, str) else where.url
        if self.kind == "sync":
            with antre.Client(url, account) as client:
                yield lambda name, *arguments, **named: getattr(client, name)(*arguments, **named)
            return
        awaited = antre.AsyncClient(url, account)
        loop = asyncio.new_event_loop()
        try:
            yield lambda name, *arguments, **named: loop.run_until_complete(getattr(awaited, name)(*arguments, **named))
            loop.run_until_complete(awaited.close())
        finally:
            loop.close()

    def write_back(self, save: Callable[[antre.Ended], Any], **named: Any) -> int:
        """Calls `write_back` or `write_back_async`."""
        if self.kind == "sync":
            return antre.write_back(save, **named)
        return asyncio.run(antre.write_back_async(save, **named))


@pytest.fixture(params=["sync", "async"])
def clients(request: pytest.FixtureRequest) -> Clients:
    """Both kinds of client, one after the other."""
    return Clients(request.param)
