"""Connections to Redis: a pool for commands that are answered at once, and one connection for each wait.

A connection that failed in any way is thrown away: its late answer would be taken for that of the next command.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

import redis
from redis.connection import parse_url
from redis.exceptions import RedisError, ResponseError

from antre.address import READ_MARGIN, READ_TIMEOUT, named, options, redis_url
from antre.steps import Command, Lost

_IDLE_MAX = 10


class Links:
    """The connections of one client. May be used by several threads, and after a fork."""

    def __init__(self, url: str | None = None) -> None:
        self._arguments: dict[str, Any] = parse_url(redis_url(url))  # type: ignore[no-untyped-call,unused-ignore]
        self._class: Any = self._arguments.pop("connection_class", redis.Connection)
        self._lock = threading.Lock()
        self._idle: list[Any] = []
        self._process = os.getpid()

    def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Sends commands together and returns their answers."""
        link = self._take()
        answers = _answers(link, commands)
        with self._lock:
            is_kept = len(self._idle) < _IDLE_MAX and self._process == os.getpid()
            if is_kept:
                self._idle.append(link)
        if not is_kept:
            link.disconnect()
        return answers

    def wait(self, command: Command, seconds: float) -> Any:
        """Sends a command that waits, and returns its answer."""
        link = self._connected(seconds + READ_MARGIN)
        try:
            return _answers(link, [command])[0]
        finally:
            link.disconnect()

    def close(self) -> None:
        """Closes what is not in use."""
        with self._lock:
            links, self._idle = self._idle, []
        for link in links:
            link.disconnect()

    def _take(self) -> Any:
        while True:
            with self._lock:
                if self._process != os.getpid():  # The parent goes on using those.
                    self._idle, self._process = [], os.getpid()
                link = self._idle.pop() if self._idle else None
            if link is None:
                return self._connected(READ_TIMEOUT)
            try:
                if not link.can_read():
                    return link
            except (RedisError, OSError):
                pass
            link.disconnect()  # The server has closed it.

    def _connected(self, read_timeout: float) -> Any:
        link = named(self._class(**options(self._arguments, read_timeout)))
        try:
            link.connect()
        except (RedisError, OSError) as error:
            link.disconnect()
            raise Lost(error, is_sent=False) from error
        return link


def _answers(link: Any, commands: Sequence[Command]) -> list[Any]:
    answers: list[Any] = []
    try:
        link.send_packed_command(link.pack_commands(commands))
        for _ in commands:
            try:
                answers.append(link.read_response())
            except ResponseError as error:
                answers.append(error)
    except (RedisError, OSError) as error:
        link.disconnect()
        raise Lost(error, answers=answers, is_sent=True) from error
    except BaseException:
        link.disconnect()
        raise
    return answers
