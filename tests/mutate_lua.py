#!/usr/bin/env python3
"""Breaks the Lua scripts one place at a time and looks whether a test notices: just mutate-lua --max 40

Nothing is compiled for a mutant, and no file of the checkout is touched. The scripts stand in the test
binaries word for word (include_str!), so the binaries are built once, copied to a temporary directory,
and a mutant is written over its original there. A mutant that is longer takes its room from a comment
of the same script; one that is shorter is filled with empty lines.

A mutant is `killed` when a test fails, a `timeout` when the tests do not end in several times their
usual time (a loop without end: found as well), and `survived` when all tests pass. A survivor is a
missing test, or a change without consequences: a person decides.
"""

import argparse
import fnmatch
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "crates/antre-store/src/lua"
# Test and the package that it belongs to, the quicker one first.
TARGETS = {"scripts": "antre-store", "model": "antre-model", "integration": "antre-tests"}

TOKEN = re.compile(
    r"""
    (?P<comment>--\[\[.*?\]\]|--[^\n]*|\#![^\n]*)
  | (?P<text>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\[\[.*?\]\])
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<operator>\.\.\.|\.\.|==|~=|<=|>=|[-+*/%^\#<>=(){}\[\];:,.])
  | (?P<space>\s+)
    """,
    re.VERBOSE | re.DOTALL,
)
KEYWORDS = set(
    "and break do else elseif end false for function if in local nil not or repeat return then true until while".split()
)
COMPARISONS = {
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "==": ["~="],
    "~=": ["=="],
}
SWAPS = {"and": "or", "or": "and", "true": "false", "false": "true"}
# After one of these a call stands alone, so it can be left out.
BEFORE_STATEMENT = {"do", "then", "else", "end", "repeat", ";"}
# At the beginning of a line, a call after one of these belongs to the line before.
UNFINISHED = {"and", "or", "not", "return", "=", ",", "(", "{", "[", "..", "+", "-", "*", "/", "^", "%"}


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int

    @property
    def end(self):
        return self.start + len(self.text)


@dataclass(frozen=True)
class Mutant:
    path: Path
    start: int
    end: int
    old: str
    new: str

    def apply(self, text):
        return text[: self.start] + self.new + text[self.end :]

    def place(self, text):
        return f"{self.path.relative_to(ROOT)}:{text.count(chr(10), 0, self.start) + 1}"

    def describe(self, text):
        old = " ".join(self.old.split())[:100]
        new = " ".join(self.new.split()) or "(nothing)"
        line_start = text.rfind("\n", 0, self.start) + 1
        changed = self.apply(text)[line_start:].split("\n", 1)[0].strip()[:120]
        return f"{old}  ->  {new}    | {changed}"


def tokens_of(path, text):
    tokens, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            sys.exit(f"{path}: cannot read {text[at:at + 20]!r} as Lua")
        if match.lastgroup not in ("comment", "space"):
            tokens.append(Token(match.lastgroup, match.group(), at))
        at = match.end()
    return tokens


def mutants_of(path, text):
    tokens = tokens_of(path, text)
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else None

        def change(new, end=token.end):
            return Mutant(path, token.start, end, text[token.start : end], new)

        if token.text in COMPARISONS:
            yield from (change(new) for new in COMPARISONS[token.text])
        elif token.text in ("+", "-") and before and ends_a_value(before):
            yield change("-" if token.text == "+" else "+")
        elif token.kind == "name" and token.text in SWAPS:
            yield change(SWAPS[token.text])
        elif token.kind == "name" and token.text == "not":
            yield change("")
        elif token.kind == "number" and not is_slot(tokens, place):
            yield from (change(new) for new in other_numbers(token.text))
        elif token.kind == "name" and begins_a_statement(text, before, token):
            last = end_of_call(tokens, place)
            if last:
                yield change(re.sub(r"[^\n]", "", text[token.start : last.end]), last.end)


def is_slot(tokens, place):
    """Whether a number names an argument in a preamble: those are told apart by every test."""
    return place > 1 and tokens[place - 1].text == "[" and tokens[place - 2].text in ("ARGV", "KEYS")


def ends_a_value(token):
    if token.kind == "name":
        return token.text not in KEYWORDS
    return token.kind in ("number", "text") or token.text in (")", "]")


def other_numbers(text):
    if not text.isdigit():
        return []
    number = int(text)
    others = [number + 1, number - 1, number * 2]
    return [str(other) for other in dict.fromkeys(others) if other != number and other >= 0]


def begins_a_statement(text, before, token):
    if token.text in KEYWORDS:
        return False
    if before is None or before.text in BEFORE_STATEMENT:
        return True
    is_first_of_its_line = not text[text.rfind("\n", 0, token.start) + 1 : token.start].strip()
    return is_first_of_its_line and before.text not in UNFINISHED


def end_of_call(tokens, place):
    """Returns the last token of a call that is a whole statement: `name.name(…)`."""
    place += 1
    while place + 1 < len(tokens) and tokens[place].text in (".", ":"):
        place += 2
    if place >= len(tokens) or tokens[place].text != "(":
        return None
    depth = 0
    for number, token in enumerate(tokens[place:], place):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth == 0:
            after = tokens[number + 1].text if number + 1 < len(tokens) else ""
            return None if after in (".", "[", "(", ":", "..", "+", "-", "and", "or") else token
    return None


def fitted(original, mutated):
    """Makes a mutated script as many bytes long as the original; None if there is no room."""
    surplus = len(mutated.encode()) - len(original.encode())
    if surplus <= 0:
        return mutated + "\n" * -surplus
    lines = mutated.split("\n")
    for number, line in enumerate(lines):
        # What a file needs stands in a comment, and decides what it is joined with.
        if line.startswith("--") and not line.startswith("-- needs:") and line.isascii() and surplus > 0:
            room = min(surplus, len(line) - 2)
            lines[number] = line[: len(line) - room]
            surplus -= room
    return "\n".join(lines) if surplus == 0 else None


class Binaries:
    """The test binaries in a directory of their own, as cargo lays them out."""

    def __init__(self, directory, sequences):
        self.directory = Path(directory)
        self.environment = dict(os.environ, ANTRE_MODEL_SEQUENCES=str(sequences), RUST_BACKTRACE="0")
        self.originals = {name: Path(path).read_bytes() for name, path in built().items()}
        (self.directory / "deps").mkdir()
        self.restore()

    def path(self, name):
        return self.directory / "deps" / name

    def write(self, name, content):
        # A new file: the old one may still be executed by a process that is ending.
        self.path(name).unlink(missing_ok=True)
        self.path(name).write_bytes(content)
        self.path(name).chmod(0o755)

    def restore(self):
        for name, content in self.originals.items():
            self.write(name, content)

    def put(self, original, mutated):
        """Returns the binaries that hold the script; a test that calls it nowhere was linked without it."""
        old, new = original.encode(), mutated.encode()
        for name, content in self.originals.items():
            self.write(name, content.replace(old, new))
        return [name for name, content in self.originals.items() if old in content]

    def run(self, name, limit_s):
        """Returns `passed`, `killed` with the test that failed, or `timeout`."""
        with tempfile.TemporaryDirectory(dir=self.directory) as own:
            process = subprocess.Popen(
                [str(self.path(name))],
                cwd=ROOT / "tests",
                env=dict(self.environment, TMPDIR=own),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                errors="replace",
                # A group of its own, so that its Redis servers end with it.
                start_new_session=True,
            )
            failed, over = [], threading.Event()

            def read():
                for line in process.stdout:
                    if line.startswith("test ") and "FAILED" in line and "result:" not in line:
                        failed.append(line.split()[1])
                        break
                over.set()

            reader = threading.Thread(target=read, daemon=True)
            reader.start()
            try:
                is_over = over.wait(limit_s)
            finally:
                end = None if failed or not over.is_set() else process.wait()
                kill_group(process)
                reader.join()
                process.stdout.close()
        if failed:
            return "killed", f"{name}: {failed[0]}"
        if not is_over:
            return "timeout", name
        return ("passed", "") if end == 0 else ("killed", f"{name}: ended with {end}")


def kill_group(process):
    # The group is the one that this program made for its own child.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def built():
    command = ["cargo", "test", "--no-run", "--message-format=json"]
    for target, package in TARGETS.items():
        command += ["--package", package, "--test", target]
    output = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for line in output.splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and message.get("executable"):
            found[message["target"]["name"]] = message["executable"]
    missing = [target for target in TARGETS if target not in found]
    if missing:
        sys.exit(f"cargo did not name the binaries of {missing}")
    return {target: found[target] for target in TARGETS}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--max", type=int, default=40, help="how many mutants to run (default 40; 0: all)")
    parser.add_argument("--seed", type=int, default=1, help="which of them; the same seed, the same mutants (default 1)")
    parser.add_argument("--file", default="*", metavar="GLOB", help="only scripts whose path or name fits, as in 'lib/*' or claim.lua")
    parser.add_argument("--budget", type=float, default=60, metavar="MINUTES", help="begin no mutant after this time (default 60)")
    parser.add_argument("--sequences", type=int, default=60, help="courses of the model test for each mutant (default 60)")
    parser.add_argument("--list", action="store_true", help="print the mutants and run nothing")
    return parser.parse_args()


def sample(options):
    texts, mutants = {}, []
    for path in sorted(SCRIPTS.rglob("*.lua")):
        name = path.relative_to(SCRIPTS).as_posix()
        if fnmatch.fnmatch(name, options.file) or fnmatch.fnmatch(path.name, options.file):
            texts[path] = path.read_text()
            mutants += mutants_of(path, texts[path])
    random.Random(options.seed).shuffle(mutants)
    return texts, mutants[: options.max] if options.max else mutants, len(mutants)


def usual_time(binaries):
    """Runs the unchanged tests; returns the limit for each binary."""
    limits = {}
    for name in TARGETS:
        begun = time.monotonic()
        verdict, reason = binaries.run(name, 1_800)
        if verdict != "passed":
            sys.exit(f"without any mutant the tests fail: {reason}; mend that first")
        took_s = time.monotonic() - begun
        limits[name] = took_s * 5 + 30
        print(f"unchanged: {name} passes in {took_s:.1f} s", flush=True)
    return limits


def judge(binaries, limits, text, mutant):
    mutated = fitted(text, mutant.apply(text))
    if mutated is None:
        return "skipped", "no comment is long enough to make room"
    holders = binaries.put(text, mutated)
    if not holders:
        return "skipped", f"none of {list(TARGETS)} calls this script"
    for name in holders:
        verdict, reason = binaries.run(name, limits[name])
        if verdict != "passed":
            return verdict, reason
    return "survived", ""


def main():
    options = arguments()
    texts, mutants, all_of_them = sample(options)
    print(f"{len(mutants)} of {all_of_them} mutants of {len(texts)} scripts, seed {options.seed}", flush=True)
    if options.list:
        for mutant in mutants:
            print(f"{mutant.place(texts[mutant.path])}  {mutant.describe(texts[mutant.path])}")
        return
    counts, survivors = {}, []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutate-lua-") as directory:
        binaries = Binaries(directory, options.sequences)
        limits = usual_time(binaries)
        for mutant in mutants:
            if time.monotonic() - begun > options.budget * 60:
                break
            text, started = texts[mutant.path], time.monotonic()
            verdict, reason = judge(binaries, limits, text, mutant)
            counts[verdict] = counts.get(verdict, 0) + 1
            line = f"{mutant.place(text)}  {mutant.describe(text)}"
            if verdict == "survived":
                survivors.append(line)
            took_s = time.monotonic() - started
            print(f"{verdict:8} {took_s:6.1f} s  {line}" + (f"    [{reason}]" if reason else ""), flush=True)
    ran = sum(counts.values())
    print(f"\n{ran} of {len(mutants)} run in {(time.monotonic() - begun) / 60:.1f} min: {counts}")
    for line in survivors:
        print(f"survived  {line}")


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        os._exit(1)
    except KeyboardInterrupt:
        sys.exit("\ninterrupted; nothing of the checkout was touched")
