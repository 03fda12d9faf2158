"""Writing links back: a consumer of the stream `ended`, which gets an entry for each job that ends.

Each entry is handed to the application, and acknowledged once the application's function has returned. So none is
missed, and after a crash the last ones come again. Only entries with the present state of a bill go to `save`: a job
that failed because its bill belongs to another job must not take that bill's link away.
"""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from redis.exceptions import ResponseError

from antre.errors import Unavailable
from antre.keys import account_name, key
from antre.operations import AGAIN_AFTER
from antre.results import Result, failure_of, result_fields, warnings_of
from antre.steps import Command, Lost, Operation, ask, hand, pause, wait

_log = logging.getLogger("antre")

_COUNT = "100"
_BLOCK_S = 5.0
#: Entries that another consumer has held for so long are taken over.
_TAKE_OVER_AFTER_S = 60.0
_AGAIN_MAX_S = 5.0


@dataclass(frozen=True)
class Ended(Result):
    """An entry of `ended`: the result without Xendit's answer, and where it stands in the stream."""

    account: str = ""
    #: The entry's id.
    entry: str = ""

    @property
    def order(self) -> str:
        """A text that grows with the order of entries. Keep it with the bill, and leave out entries that are older."""
        milliseconds, number = self.entry.split("-")
        return f"{milliseconds:0>15}-{number:0>10}"


@dataclass(frozen=True)
class Consumer:
    """Who reads, and what becomes of the entries."""

    accounts: tuple[str, ...]
    group: str
    name: str
    save: Callable[[Ended], Any]
    failed: Callable[[Ended], Any] | None
    #: Ends after so many seconds without an entry. None: never.
    idle: float | None


def consumer(
    save: Callable[[Ended], Any],
    *,
    group: str,
    consumer: str | None,
    accounts: Iterable[str],
    failed: Callable[[Ended], Any] | None,
    idle: float | None,
) -> Consumer:
    """Returns a consumer; without a name it has the machine's."""
    if isinstance(accounts, str):
        accounts = (accounts,)
    names = tuple(account_name(account) for account in accounts)
    if not names:
        raise ValueError("name at least one account")
    return Consumer(names, group, consumer or socket.gethostname(), save, failed, idle)


def write_back(who: Consumer) -> Operation[int]:
    """Hands over what this consumer left unfinished, what others left behind, then what is new. Returns how many."""
    handed = 0
    cause: Exception | None = None
    quiet_since = time.monotonic()
    again, again_max = AGAIN_AFTER[0], _AGAIN_MAX_S
    is_ready, take_over_at = False, 0.0
    while who.idle is None or time.monotonic() - quiet_since < who.idle:
        try:
            count = 0
            if not is_ready:
                yield from _make_groups(who)
                count += yield from _unfinished(who)
                is_ready = True
            if time.monotonic() >= take_over_at:
                count += yield from _left_behind(who)
                take_over_at = time.monotonic() + _TAKE_OVER_AFTER_S
            count += yield from _new(who)
        except Lost as lost:
            cause = lost.cause
            _log.warning("Redis cannot be used (%s): trying again", cause)
            is_ready = False
            yield from pause(again)
            again = min(2 * again, again_max)
            continue
        again, cause = AGAIN_AFTER[0], None
        handed += count
        if count:
            quiet_since = time.monotonic()
    if cause is not None:
        raise Unavailable(f"Redis cannot be used ({cause})", may_have_been_accepted=False) from cause
    return handed


def _make_groups(who: Consumer) -> Operation[None]:
    commands = [("XGROUP", "CREATE", key(account, "ended"), who.group, "0", "MKSTREAM") for account in who.accounts]
    for answer in (yield from ask(*commands)):
        if isinstance(answer, ResponseError) and "BUSYGROUP" not in str(answer):
            raise _refused(answer)


def _unfinished(who: Consumer) -> Operation[int]:
    """What this consumer got before it was stopped. It is older than everything new."""
    count = 0
    for account in who.accounts:
        position = "0"
        while entries := _entries((yield from ask(_read(who, [account], position)))[0]).get(account):
            count += yield from _hand_over(who, account, entries)
            position = entries[-1][0]
    return count


def _left_behind(who: Consumer) -> Operation[int]:
    """What other consumers got and never acknowledged, because they are gone."""
    idle_ms = str(int(_TAKE_OVER_AFTER_S * 1000))
    count = 0
    for account in who.accounts:
        position = "0-0"
        while True:
            stream = key(account, "ended")
            command = ("XAUTOCLAIM", stream, who.group, who.name, idle_ms, position, "COUNT", _COUNT)
            (answer,) = yield from ask(command)
            if isinstance(answer, ResponseError):
                raise _refused(answer)
            position, entries = answer[0], answer[1]
            count += yield from _hand_over(who, account, entries)
            if position == "0-0":
                break
    return count


def _new(who: Consumer) -> Operation[int]:
    seconds = _BLOCK_S if who.idle is None else min(_BLOCK_S, max(who.idle, 0.001))
    answer = yield from wait(_read(who, who.accounts, ">", seconds), seconds)
    if isinstance(answer, ResponseError) and "NOGROUP" in str(answer):
        raise Lost(answer, is_sent=False)  # Redis has lost its data: begin anew.
    count = 0
    for account, entries in _entries(answer).items():
        count += yield from _hand_over(who, account, entries)
    return count


def _hand_over(who: Consumer, account: str, entries: Sequence[Any]) -> Operation[int]:
    for entry, flat in entries:
        if flat:  # An entry that was trimmed away since has no fields.
            yield from _hand_one(who, ended_of(entry, flat, account))
        (answer,) = yield from ask(("XACK", key(account, "ended"), who.group, entry))
        if isinstance(answer, ResponseError):
            raise _refused(answer)
    return len(entries)


def _hand_one(who: Consumer, ended: Ended) -> Operation[None]:
    if ended.is_bill_result:
        yield from hand(who.save, ended)
    elif who.failed is not None:
        yield from hand(who.failed, ended)
    else:
        code = ended.error.code if ended.error else ended.state
        _log.warning("job %s of %s failed: %s; its bill was left alone", ended.job, ended.account, code)


def _read(who: Consumer, accounts: Sequence[str], position: str, block_s: float | None = None) -> Command:
    block = () if block_s is None else ("BLOCK", str(max(1, int(block_s * 1000))))
    streams = [key(account, "ended") for account in accounts]
    return ("XREADGROUP", "GROUP", who.group, who.name, "COUNT", _COUNT, *block, "STREAMS", *streams,
            *([position] * len(streams)))  # fmt: skip


def _entries(answer: Any) -> dict[str, list[Any]]:
    if isinstance(answer, ResponseError):
        raise _refused(answer)
    return {stream[len("antre:{") :].split("}")[0]: entries for stream, entries in answer or ()}


def ended_of(entry: str, flat: Sequence[str], account: str) -> Ended:
    """Reads an entry: names and values in turn, all of them texts, empty where there is nothing."""
    fields: dict[str, Any] = {name: value or None for name, value in zip(flat[::2], flat[1::2])}
    fields["amount"] = json.loads(fields.get("amount") or "null")
    known = result_fields({**fields, "error": None, "warnings": None, "response": None}, account)
    known["error"] = failure_of(json.loads(fields.get("error") or "null"))
    known["warnings"] = warnings_of(json.loads(fields.get("warnings") or "[]"))
    known["is_bill_result"] = fields.get("is_bill_result") == "1"
    return Ended(**known, account=account, entry=entry)


def _refused(answer: ResponseError) -> Unavailable:
    return Unavailable(f"Redis refused: {answer}", may_have_been_accepted=False)
