"""The eight figures of an account, as billing applications show them. Nothing here uses Redis."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from antre.errors import NotServed, Unavailable
from antre.keys import key
from antre.steps import Command, Lost, Operation, ask

_HOUR_MS = 3_600_000
#: A worker without a sign of life for so long is not counted.
_SILENT_MS = 6_000
#: Requests, and the window in microseconds.
_LIMIT = re.compile(r"(\d+):(\d+)")


@dataclass(frozen=True)
class Figures:
    """What an account has to do and has done."""

    #: In the inbox, waiting, or to be sent within the hour.
    pending: int
    #: Requests running now.
    processing: int
    #: Done jobs that are kept.
    completed: int
    #: Dead jobs that are kept.
    failed: int
    #: Done jobs since the beginning.
    total_processed: int
    #: Dead jobs since the beginning.
    total_failed: int
    is_processing: bool
    #: About how many seconds until a job submitted now is sent. None while nobody knows: paused, no worker.
    estimated_wait_time: int | None

    def as_dict(self) -> dict[str, Any]:
        """Returns the figures for JSON."""
        return asdict(self)


def status(account: str) -> Operation[dict[str, Any]]:
    """Reads the figures of an account."""
    try:
        (clock,) = yield from ask(("TIME",))
        now_ms = int(clock[0]) * 1000 + int(clock[1]) // 1000
        answers = yield from ask(*_commands(account, now_ms))
    except Lost as lost:
        raise Unavailable(f"Redis cannot be used ({lost.cause})", may_have_been_accepted=False) from lost.cause
    for answer in answers:
        if isinstance(answer, Exception):
            raise Unavailable(f"Redis refused: {answer}", may_have_been_accepted=False) from answer
    return _figures(account, now_ms, answers).as_dict()


def sum_of(figures: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Returns the figures of several accounts together; the estimate is the longest."""
    every = list(figures)
    total: dict[str, Any] = {
        name: any(one[name] for one in every) if name == "is_processing" else sum(one[name] for one in every)
        for name in Figures.__dataclass_fields__
        if name != "estimated_wait_time"
    }
    estimates = [one["estimated_wait_time"] for one in every]
    total["estimated_wait_time"] = None if None in estimates else max(estimates, default=0)
    return total


def _commands(account: str, now_ms: int) -> list[Command]:
    def of(name: str) -> str:
        return key(account, name)

    return [
        ("GET", of("format")),
        ("XLEN", of("inbox")),
        *(("ZCARD", of(name)) for name in ("high", "normal", "low")),
        ("ZCOUNT", of("scheduled"), "-inf", str(now_ms + _HOUR_MS)),
        *(("ZCARD", of(name)) for name in ("leases", "done", "dead")),
        ("HGETALL", of("totals")),
        ("HGETALL", of("pacer")),
        ("GET", of("config")),
        ("HGETALL", of("workers")),
    ]


def _figures(account: str, now_ms: int, answers: Sequence[Any]) -> Figures:
    format, inbox, high, normal, low, soon, running, done, dead, totals, pacer, config, workers = answers
    if format is None:
        raise NotServed(account)
    ready = inbox + high + normal + low
    ended, held = _fields(totals), _fields(pacer)
    is_held = bool(held.get("paused_by") or held.get("breaker"))
    return Figures(
        pending=ready + soon,
        processing=running,
        completed=done,
        failed=dead,
        total_processed=_int(ended.get("done")),
        total_failed=_int(ended.get("dead")),
        is_processing=running > 0 or (ready > 0 and not is_held),
        estimated_wait_time=_estimate(ready, held, config, _heartbeats(workers), now_ms),
    )


def _fields(flat: Sequence[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2]))


def _heartbeats(workers: Sequence[str]) -> list[int]:
    return [int(json.loads(text).get("seen_ms", 0)) for text in workers[1::2]]


def _estimate(ahead: int, held: dict[str, str], config: str | None, seen_ms: Sequence[int], now_ms: int) -> int | None:
    """Returns the seconds for `ahead` requests at the pace of the tightest limit, after any pause that has an end."""
    is_paused = held.get("paused_by") and not held.get("paused_until_ms")
    if is_paused or held.get("breaker") or not any(now_ms - seen < _SILENT_MS for seen in seen_ms):
        return None
    ends_ms = [
        _int(held.get("paused_until_ms")),
        _int(held.get("pause_until_us")) / 1000,
        _int(held.get("next_at_us")) / 1000,
    ]
    pause_s = max(0.0, (max(ends_ms) - now_ms) / 1000)
    return math.ceil(pause_s + ahead * _pace_s(config))


def _pace_s(config: str | None) -> float:
    limits = str(json.loads(config or "{}").get("limits", ""))
    return max((int(window_us) / int(requests) / 1e6 for requests, window_us in _LIMIT.findall(limits)), default=0.0)


def _int(text: str | None) -> int:
    return int(text or 0)
