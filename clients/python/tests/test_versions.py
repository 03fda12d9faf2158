"""A result that takes 8 s, with the oldest supported redis-py and the newest: their defaults differ."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from relay import Relay
from stack import Stack

import antre

#: Longer than the read time-out of 5 s that newer versions of redis-py have by themselves.
LATENCY = "8s"
VERSIONS = {"oldest": "redis==4.5.0", "newest": "redis"}
PROGRAM = """
import asyncio, sys
import redis
import antre

name, external_id, version = sys.argv[1:]
assert (redis.__version__ == "4.5.0") == (version == "oldest"), redis.__version__
invoice = {"external_id": external_id, "amount": 350000}
if name == "sync":
    answer = antre.Client().create(invoice)
else:
    async def main():
        async with antre.AsyncClient() as client:
            return await client.create(invoice)
    answer = asyncio.run(main())
print(answer["external_id"], end="")
"""
_REPOSITORY = Path(__file__).resolve().parents[3]


def installed(version: str) -> Path:
    """Returns a folder with that version of redis-py and what it needs, and nothing else."""
    folder = Path(os.environ.get("ANTRE_TEST_FOLDER") or _REPOSITORY / "target" / "clients") / f"redis-py-{version}"
    if version == "oldest" and (folder / "redis").is_dir():
        return folder
    command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target", str(folder)]
    done = subprocess.run(
        [sys.executable, *command, VERSIONS[version]], capture_output=True, text=True, timeout=120, check=False
    )
    remedy = "redis-py cannot be installed: this test needs the Python package registry, or a mirror in PIP_INDEX_URL"
    assert done.returncode == 0, f"{remedy}\n{done.stderr}"
    return folder


def test_a_result_that_takes_eight_seconds_is_waited_for(bill: Callable[..., dict[str, Any]]) -> None:
    folders = {version: installed(version) for version in VERSIONS}
    # By TCP: redis-py 4.5.0 itself cannot use a Unix socket.
    with Stack(request_timeout="20s") as stack, Relay(stack.socket) as relay:
        with antre.Client(stack.url) as client:
            client.create(bill())
        stack.xendit("/_sim/latency", {"latency": LATENCY}, method="PUT")
        running = [
            (f"{bill()['external_id']}-{version}-{kind}", kind, version)
            for version in VERSIONS
            for kind in ("sync", "async")
        ]
        programs = [
            start(stack, relay, folders[version], kind, name, version) for name, kind, version in running
        ]  # All at once: they wait for the same 8 s.
        ended = [program.communicate(timeout=60) for program in programs]
    # One to enqueue and one to wait: a read that gave up early would have come again on another.
    assert relay.connections == 2 * len(running)
    for (name, _, _), program, (written, errors) in zip(running, programs, ended):
        assert (written, program.returncode) == (name, 0), errors


def start(stack: Stack, relay: Relay, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Starts the program with a redis-py of its own."""
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**stack.environment(), "ANTRE_REDIS_URL": relay.url, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
