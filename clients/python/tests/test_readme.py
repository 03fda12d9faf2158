"""The README's programs run as they stand, in order, and write what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from stack import LIMIT_S, Stack

README = Path(__file__).resolve().parents[1] / "README.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def programs() -> list[tuple[str, str]]:
    return _BLOCK.findall(README.read_text(encoding="utf-8"))


def is_as_written(pattern: str, text: str) -> bool:
    """Returns whether a text is as the page has it; `…` stands for anything within a line."""
    return re.fullmatch(re.escape(pattern).replace("…", "[^\n]+"), text) is not None


def test_each_program_of_the_readme_writes_what_it_says(tmp_path: Path) -> None:
    # A stack without anything in it, as after `antre dev`; one after the other, as a reader runs them.
    with Stack() as stack:
        for program, output in programs():
            done = subprocess.run(
                [sys.executable, "-c", program],
                cwd=tmp_path,
                env=stack.environment(),
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert is_as_written(output, done.stdout), f"{program}\nwrites:\n{done.stdout}"


def test_the_page_has_programs_and_each_its_output() -> None:
    assert len(programs()) == README.read_text(encoding="utf-8").count("```python\n") == 6
    assert all(output for _, output in programs())


def test_another_output_is_noticed() -> None:
    assert is_as_written("a … c\n", "a b c\n")
    assert not is_as_written("a … c\n", "a b\nc\n")
    assert not is_as_written("2 links\n", "3 links\n")
