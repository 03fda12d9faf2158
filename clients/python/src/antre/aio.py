"""The client for programs with asyncio: `client.py` with `await`, and no other difference."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from antre import ended
from antre.alinks import AsyncLinks
from antre.calls import Calls
from antre.jobs import Invoice, Job, JobOptions, NewJob, Target
from antre.results import Result
from antre.steps import Ask, Hand, Operation, Step, Wait

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")


class AsyncClient:
    """As `Client`, with `await`. Several tasks and several event loops may use it."""

    def __init__(self, url: str | None = None, account: str = "default", wait: float = 45) -> None:
        self._calls = Calls(account, wait)
        self._links = AsyncLinks(url)

    async def enqueue(self, invoice: Invoice, **options: Unpack[JobOptions]) -> Job:
        """As `Client.enqueue`."""
        return await self._run(self._calls.enqueue(invoice, **options))

    async def enqueue_many(self, jobs: Iterable[NewJob], chunk: int = 500) -> list[Job]:
        """As `Client.enqueue_many`."""
        return await self._run(self._calls.enqueue_many(jobs, chunk))

    async def create(
        self, invoice: Invoice, *, wait: float | None = None, **options: Unpack[JobOptions]
    ) -> dict[str, Any]:
        """As `Client.create`. If it is cancelled, only the wait ends: the job goes on."""
        return await self._run(self._calls.create(invoice, wait, **options))

    async def result(self, job: str, wait: float = 0) -> Result | None:
        """As `Client.result`."""
        return await self._run(self._calls.result(job, wait))

    async def status(self) -> dict[str, Any]:
        """As `Client.status`."""
        return await self._run(self._calls.status())

    async def cancel(
        self, job: str | None = None, *, expire: bool = False, wait: float | None = None, **target: Unpack[Target]
    ) -> dict[str, int]:
        """As `Client.cancel`."""
        return await self._run(self._calls.cancel(job, expire, wait, **target))

    async def retry_dead(
        self, job: str | None = None, *, wait: float | None = None, **target: Unpack[Target]
    ) -> dict[str, int]:
        """As `Client.retry_dead`."""
        return await self._run(self._calls.retry_dead(job, wait, **target))

    async def close(self) -> None:
        """Closes the connections of this event loop. The client may be used again."""
        await self._links.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, operation: Operation[T]) -> T:
        return await run(operation, self._links)


async def write_back_async(
    save: Callable[[ended.Ended], object],
    *,
    group: str = "billing",
    consumer: str | None = None,
    accounts: Iterable[str] = ("default",),
    failed: Callable[[ended.Ended], object] | None = None,
    idle: float | None = None,
    url: str | None = None,
) -> int:
    """As `write_back`. `save` and `failed` may be coroutine functions. Cancel the task to end it."""
    who = ended.consumer(save, group=group, consumer=consumer, accounts=accounts, failed=failed, idle=idle)
    links = AsyncLinks(url)
    try:
        return await run(ended.write_back(who), links)
    finally:
        await links.close()


async def run(operation: Operation[T], links: AsyncLinks) -> T:
    """Carries out the steps of an operation and returns its outcome."""
    outcome: Any = None
    error: Exception | None = None
    while True:
        try:
            step = operation.send(outcome) if error is None else operation.throw(error)
        except StopIteration as end:
            value: T = end.value
            return value
        outcome, error = None, None
        try:
            outcome = await _do(step, links)
        except Exception as raised:
            error = raised


async def _do(step: Step, links: AsyncLinks) -> Any:
    if isinstance(step, Ask):
        return await links.ask(step.commands)
    if isinstance(step, Wait):
        return await links.wait(step.command, step.seconds)
    if isinstance(step, Hand):
        outcome = step.function(*step.arguments)
        return await outcome if inspect.isawaitable(outcome) else outcome
    return await asyncio.sleep(step.seconds)
