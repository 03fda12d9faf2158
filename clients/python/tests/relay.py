"""A way to a Redis that can be cut: real bytes of a real server, up to a chosen answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path
from types import TracebackType


class Relay:
    """Listens on a loopback port and passes everything on, until it has passed on so many answers; then it cuts.

    Answers are counted by lines that begin an id or a status, so only calls whose answers are single values may be
    counted. After the cut everything passes again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        self._left: int | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def cut_after(self, *, answers: int) -> None:
        """Cuts the connection on which this many bulk answers have passed, before the next one."""
        self._left = answers

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.connections += 1
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._path))
                threading.Thread(target=self._forth, args=(near, far), daemon=True).start()
                threading.Thread(target=self._back, args=(far, near), daemon=True).start()

    def _forth(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
        _close(near, far)

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                passed, is_cut = self._allowed(data)
                near.sendall(passed)
                if is_cut:
                    break
        _close(near, far)

    def _allowed(self, data: bytes) -> tuple[bytes, bool]:
        with self._lock:
            if self._left is None:
                return data, False
            # Each bulk answer begins with `$`, and none of those counted has one inside of it.
            parts = data.split(b"$")
            count = len(parts) - 1
            if count <= self._left:
                self._left -= count
                return data, False
            passed = b"$".join(parts[: self._left + 1])
            self._left = None
            return passed, True


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
