"""The README's programs run as they stand, in order, and write what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import LIMIT_S, Stack

README = Path(__file__).resolve().parents[1] / "README.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Path]]:
    """A stack without anything in it, as after `antre dev`."""
    with Stack() as own:
        yield own, tmp_path_factory.mktemp("readme")


def programs() -> list[tuple[str, str]]:
    return _BLOCK.findall(README.read_text(encoding="utf-8"))


def is_as_written(pattern: str, text: str) -> bool:
    """Returns whether a text is as the page has it; `…` stands for anything within a line."""
    return re.fullmatch(re.escape(pattern).replace("…", "[^\n]+"), text) is not None


@pytest.mark.parametrize("number", range(len(programs())))
def test_a_program_of_the_readme_writes_what_it_says(place: tuple[Stack, Path], number: int) -> None:
    stack, directory = place
    program, output = programs()[number]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=directory,
        env=stack.environment(),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert is_as_written(output, done.stdout), done.stdout


def test_the_page_has_programs_and_each_its_output() -> None:
    assert len(programs()) == README.read_text(encoding="utf-8").count("```python\n") == 5
    assert all(output for _, output in programs())


def test_another_output_is_noticed() -> None:
    assert is_as_written("a … c\n", "a b c\n")
    assert not is_as_written("a … c\n", "a b\nc\n")
    assert not is_as_written("2 links\n", "3 links\n")
