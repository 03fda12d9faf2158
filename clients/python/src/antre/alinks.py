"""The same as `links.py`, with `await`. Each event loop has connections of its own: they cannot be shared."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from redis.asyncio import Connection
from redis.asyncio.connection import parse_url
from redis.exceptions import RedisError, ResponseError

from antre.address import CONNECT_TIMEOUT, READ_MARGIN, READ_TIMEOUT, named, options, redis_url
from antre.steps import Command, Lost

_IDLE_MAX = 10
_FAILURES = (RedisError, OSError, asyncio.TimeoutError)


class AsyncLinks:
    """The connections of one client."""

    def __init__(self, url: str | None = None) -> None:
        self._arguments: dict[str, Any] = dict(parse_url(redis_url(url)))
        self._class: Any = self._arguments.pop("connection_class", Connection)
        self._idle: WeakKeyDictionary[asyncio.AbstractEventLoop, list[Any]] = WeakKeyDictionary()

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Sends commands together and returns their answers."""
        link = await self._take()
        answers = await _answers(link, commands)
        idle = self._of_this_loop()
        if len(idle) < _IDLE_MAX:
            idle.append(link)
        else:
            await _close(link)
        return answers

    async def wait(self, command: Command, seconds: float) -> Any:
        """Sends a command that waits, and returns its answer."""
        link = await self._connected(seconds + READ_MARGIN)
        (answer,) = await _answers(link, [command])
        await _close(link)
        return answer

    async def close(self) -> None:
        """Closes what is not in use in this event loop."""
        idle = self._of_this_loop()
        while idle:
            await _close(idle.pop())

    def _of_this_loop(self) -> list[Any]:
        return self._idle.setdefault(asyncio.get_running_loop(), [])

    async def _take(self) -> Any:
        idle = self._of_this_loop()
        if idle:
            # Two rounds of the loop, and it has seen that the server closed a connection while it stood still.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        while idle:
            link = idle.pop()
            try:
                if await _is_silent(link):
                    return link
            except _FAILURES:
                pass
            except BaseException:  # Cancelled, for example.
                await _throw_away(link)
                raise
            await _throw_away(link)  # The server has closed it.
        return await self._connected(READ_TIMEOUT)

    async def _connected(self, read_timeout: float) -> Any:
        link = named(self._class(**options(self._arguments, read_timeout)))
        try:
            # Looking up the server's name has no time-out of its own.
            await asyncio.wait_for(link.connect(), CONNECT_TIMEOUT + READ_TIMEOUT)
        except _FAILURES as error:
            await _throw_away(link)
            cause = RedisError("Timeout connecting to server") if isinstance(error, asyncio.TimeoutError) else error
            raise Lost(cause, is_sent=False) from error
        except BaseException:
            await _throw_away(link)
            raise
        return link


async def _answers(link: Any, commands: Sequence[Command]) -> list[Any]:
    answers: list[Any] = []
    try:
        await link.send_packed_command(link.pack_commands(commands))
        for _ in commands:
            try:
                answers.append(await link.read_response())
            except ResponseError as error:
                answers.append(error)
    except _FAILURES as error:
        await _throw_away(link)
        raise Lost(error, answers=answers, is_sent=True) from error
    except BaseException:  # Cancelled, for example.
        await _throw_away(link)
        raise
    return answers


async def _is_silent(link: Any) -> bool:
    """Returns whether a connection is open and has no answer that nobody waited for."""
    # The older name is deprecated since redis-py 8. Before redis-py 5 it says nothing of the end.
    has_answer = getattr(link, "can_read", None) or link.can_read_destructive
    reader = getattr(link, "_reader", None)
    return not await has_answer() and reader is not None and not reader.at_eof()


async def _close(link: Any) -> None:
    with contextlib.suppress(*_FAILURES):
        await link.disconnect()


async def _throw_away(link: Any) -> None:
    with contextlib.suppress(*_FAILURES):
        await link.disconnect(nowait=True)
