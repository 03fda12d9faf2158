"""The steps that operations are made of. An operation is a generator that yields steps and is sent their outcome.

So each operation is written once, in `operations.py` and `ended.py`. `client.py` carries the steps out one after the
other, `aio.py` does the same with `await`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Callable, TypeVar, Union

T = TypeVar("T")
Command = tuple[str, ...]


@dataclass(frozen=True)
class Ask:
    """Commands that are sent together. The outcome is the list of their answers; errors of Redis are among them."""

    commands: Sequence[Command]


@dataclass(frozen=True)
class Wait:
    """A command that waits at most so many seconds, on a connection of its own. The outcome is its answer."""

    command: Command
    seconds: float


@dataclass(frozen=True)
class Pause:
    """Nothing happens for so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Hand:
    """A function of the application is called. The outcome is what it returns."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


Step = Union[Ask, Wait, Pause, Hand]
Operation = Generator[Step, Any, T]


class Lost(Exception):
    """The connection failed before all answers were read. Carried into the operation, never out of it."""

    def __init__(self, cause: Exception, *, answers: Sequence[Any] = (), is_sent: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        #: Answers that came before.
        self.answers = list(answers)
        #: Whether Redis may have got the commands.
        self.is_sent = is_sent


def ask(*commands: Command) -> Operation[list[Any]]:
    """Yields the step `Ask`."""
    answers: list[Any] = yield Ask(commands)
    return answers


def wait(command: Command, seconds: float) -> Operation[Any | None]:
    """Yields the step `Wait`."""
    answer = yield Wait(command, seconds)
    return answer


def pause(seconds: float) -> Operation[None]:
    """Yields the step `Pause`."""
    yield Pause(seconds)


def hand(function: Callable[..., Any], *arguments: Any) -> Operation[Any]:
    """Yields the step `Hand`."""
    outcome = yield Hand(function, arguments)
    return outcome
