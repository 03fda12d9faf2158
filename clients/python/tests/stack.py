"""What the tests run against: a Redis, a simulated Xendit and a worker. All are real processes, the test's own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import redis

T = TypeVar("T")

LIMIT_S = 30.0
ACCOUNTS = ("default", "artacomindo", "jelantik", "paused", "bulk")
_REPOSITORY = Path(__file__).resolve().parents[3]
_ACCOUNT = """
[accounts.{name}]
secret_key_env = "KEY_OF_{index}"
base_url = "{url}"
"""
_CONFIGURATION = """
http_listen = "off"
limits = "500/1s"
jitter_allowance = "5ms"
concurrency = 20
lease = "1500ms"
connect_timeout = "1s"
request_timeout = "{timeout}"
trust_absence_answered = "200ms"
trust_absence_unanswered = "500ms"
"""


def antre_binary() -> Path:
    """Returns the program under test."""
    path = Path(os.environ.get("ANTRE_BIN") or _REPOSITORY / "target" / "debug" / "antre")
    assert path.is_file(), f"{path} is missing: run cargo build --bin antre, or name it in ANTRE_BIN"
    return path


def eventually(what: str, probe: Callable[[], T | None]) -> T:
    """Returns what the probe finds, as soon as it finds something."""
    until = time.monotonic() + LIMIT_S
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < until, f"{what} did not happen within {LIMIT_S:.0f} s"
        time.sleep(0.02)


class Stack:
    """Starts everything in a directory of its own. `close` ends it, by the ids of its processes."""

    def __init__(self, request_timeout: str = "2s") -> None:
        self._request_timeout = request_timeout
        self.directory = Path(tempfile.mkdtemp(prefix="antre-py-"))
        self.socket = self.directory / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            self.redis_process = self.start_redis()
            listen = ["xendit-sim", "--listen", "127.0.0.1:0", "--limit", "none"]
            xendit = self._start("xendit", [str(antre_binary()), *listen])
            self.xendit_url = eventually("an address of xendit-sim", lambda: self._address(xendit))
            self._configure()
            self.worker = self.start_worker()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Stack:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start_redis(self) -> subprocess.Popen[bytes]:
        """Starts the server, with what it had before."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        process = self._start("redis", ["redis-server", *words])
        eventually("an answer of Redis", lambda: self._is_alive(process) and self._answers())
        self.redis_process = process
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Starts a worker, and returns once it serves every account."""
        worker = self._start("worker", [str(antre_binary()), "worker"])
        with self.connection() as connection:
            names = [f"antre:{{{account}}}:inbox" for account in ACCOUNTS]
            eventually("a worker", lambda: self._is_alive(worker) and connection.exists(*names) == len(names))
        return worker

    def connection(self) -> redis.Redis:
        """Returns a connection for looking and for breaking things."""
        return redis.Redis(unix_socket_path=str(self.socket), decode_responses=True)

    def antre(self, *arguments: str) -> str:
        """Runs a command of the program to its end and returns what it writes."""
        command = [str(antre_binary()), *arguments]
        done = subprocess.run(
            command, cwd=self.directory, env=self._environment(), capture_output=True, timeout=LIMIT_S, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def invoices(self, external_id: str) -> list[dict[str, Any]]:
        """Returns every invoice of a bill that Xendit has."""
        found = self.xendit(f"/_sim/invoices?external_id={urllib.parse.quote(external_id)}")
        for invoice in found:
            del invoice["account"]
        return list(found)

    def xendit(self, path: str, body: object = None, method: str | None = None) -> Any:
        """Asks or tells the simulated Xendit."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.xendit_url + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
            return json.load(answer)

    def environment(self) -> dict[str, str]:
        """Returns the variables of an application."""
        return {**os.environ, "ANTRE_REDIS_URL": self.url, "REDIS_URL": self.url}

    def close(self) -> None:
        """Ends all processes and removes the directory."""
        for process in reversed(self._processes):
            end(process)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _configure(self) -> None:
        accounts = (_ACCOUNT.format(name=name, index=index, url=self.xendit_url) for index, name in enumerate(ACCOUNTS))
        (self.directory / "antre.toml").write_text(
            _CONFIGURATION.format(timeout=self._request_timeout) + "".join(accounts)
        )

    def _environment(self) -> dict[str, str]:
        keys = {f"KEY_OF_{index}": f"xnd_development_{name}" for index, name in enumerate(ACCOUNTS)}
        others = {name: value for name, value in os.environ.items() if not name.startswith(("ANTRE_", "XENDIT_"))}
        return {**others, **keys, "ANTRE_REDIS_URL": self.url}

    def _start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        log = self._log(name)
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=self.directory,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._processes.append(process)
        return process

    def _log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def _address(self, process: subprocess.Popen[bytes]) -> str | None:
        found = re.search(r"http://\S+", self._log("xendit").read_text())
        return found[0] if self._is_alive(process) and found else None

    def _answers(self) -> bool:
        with self.connection() as connection, contextlib.suppress(redis.RedisError):
            return bool(connection.ping())
        return False

    def _is_alive(self, process: subprocess.Popen[bytes]) -> bool:
        logs = [path.read_text(errors="replace")[-2000:] for path in sorted(self.directory.glob("*.log"))]
        assert process.poll() is None, f"process {process.args!r} has ended: {logs}"
        return True


def end(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGKILL) -> None:
    """Ends a process and returns when it is gone."""
    if process.poll() is None:
        process.send_signal(how)
    process.wait(LIMIT_S)
