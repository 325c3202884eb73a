"""Whether the tests notice when a rule says something else: random changes of `rules*.py`, each tried by the tests.

Cosmic Ray makes the changes (another operator, another number, a condition turned round). Each is written into a copy
of the project; first the tests of rules run there, then those of the features that read these rules. A change that all
of them pass is *alive*. `make mutants` fails when more than one in twenty is alive and not named in harmless_mutants.txt.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
#: One line each: path, the line as it stands without its indentation, the line as it was changed, and why nobody can notice.
HARMLESS = ROOT / "tools" / "harmless_mutants.txt"
#: Members of an enum, numbers and None are the same object where they are equal: nobody can tell `is` from `==`.
SAME = ("Operator_Is_Eq", "Operator_Eq_Is", "Operator_IsNot_NotEq", "Operator_NotEq_IsNot")
ALIVE_AT_MOST = 1 / 20
#: Tests of one change take seconds; a change that makes a loop endless is noticed too.
PATIENCE_SECONDS = 240


@dataclass(frozen=True)
class Mutant:
    """One change of one source."""

    path: str
    operator: str
    occurrence: int
    line: int

    def source(self) -> str:
        """The changed source."""
        plain = (ROOT / self.path).read_text(encoding="utf-8")
        return str(mutate_code(plain, get_operator(self.operator)(), self.occurrence))

    def lines(self) -> tuple[str, str]:
        """What stood there, and what stands there now."""
        before = (ROOT / self.path).read_text(encoding="utf-8").splitlines()
        diff = list(difflib.unified_diff(before, self.source().splitlines(), n=0, lineterm=""))[3:]
        return tuple(" ".join(line[1:].strip() for line in diff if line.startswith(sign)) for sign in "-+")  # type: ignore[return-value]


def annotations(tree: ast.Module) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations begin and end: nothing runs there."""
    found: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
    return [((n.lineno, n.col_offset), (n.end_lineno or 0, n.end_col_offset or 0)) for n in found if n is not None]


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every change of a source that some test could notice."""
    plain = path.read_text(encoding="utf-8")
    tree, typed = get_ast(plain), annotations(ast.parse(plain))
    for name in operator_names():
        operator_class = get_operator(name)
        if operator_class.arguments() or name.endswith(SAME):
            continue
        operator, occurrence = operator_class(), -1
        for node in ast_nodes(tree):
            for start, _end in operator.mutation_positions(node):
                occurrence += 1
                if not any(first <= start < last for first, last in typed):
                    yield Mutant(path.relative_to(ROOT).as_posix(), name, occurrence, start[0])


def tests_of(path: str, folder: str) -> list[str]:
    """Files of tests that read the rules of a source."""
    feature = Path(path).parent.name
    words = (f"webapp.{feature}.{Path(path).stem}", f"webapp.{feature} import {Path(path).stem}")
    files = sorted((ROOT / "tests" / folder).glob("test_*.py"))
    named = [file for file in files if any(word in file.read_text(encoding="utf-8") for word in words)]
    by_name = [file for file in files if file.stem == f"test_{feature}"]
    return [file.relative_to(ROOT).as_posix() for file in dict.fromkeys([*by_name, *named])]


def copy_of_the_project(folder: Path) -> Path:
    """All that the tests need, without what is kept out of version control."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in [*listed.split("\0"), *(str(mo.relative_to(ROOT)) for mo in (ROOT / "translations").rglob("*.mo"))]:
        if name and (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    return folder


def passes(folder: Path, files: list[str]) -> bool:
    """Whether these tests notice nothing."""
    if not files:
        return True
    command = [str(ROOT / ".venv/bin/python"), "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider"]
    only = ["-m", "not postgresql and not slow and not browser", *files]
    try:
        done = subprocess.run([*command, *only], cwd=folder, capture_output=True, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def judged(mutant: Mutant, folder: Path) -> str:
    """Who noticed: "rules", "features", or "" for nobody."""
    target = folder / mutant.path
    plain = target.read_text(encoding="utf-8")
    target.write_text(mutant.source(), encoding="utf-8")
    try:
        if not passes(folder, tests_of(mutant.path, "rules")):
            return "rules"
        return "" if passes(folder, tests_of(mutant.path, "features")) else "features"
    finally:
        target.write_text(plain, encoding="utf-8")


def harmless() -> set[tuple[str, str, str]]:
    """Changes that are known to change nothing."""
    rows = [line.split("\t") for line in HARMLESS.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return {(row[0], row[1], row[2]) for row in rows}


def main() -> int:
    """Draw, try, tell."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=60, help="how many changes are drawn; 0 for all")
    options.add_argument("--seed", type=int, default=None, help="draw the same ones again")
    options.add_argument("--only", default="", help="a part of the path, such as voting/")
    asked = options.parse_args()
    seed = asked.seed if asked.seed is not None else random.randrange(10**6)
    paths = [path for path in sorted((ROOT / "webapp").rglob("rules*.py")) if asked.only in path.as_posix()]
    every = [mutant for path in paths for mutant in mutants_of(path)]
    drawn = random.Random(seed).sample(every, min(asked.count or len(every), len(every)))
    print(f"{len(drawn)} of {len(every)} changes in {len(paths)} files; --seed {seed}", flush=True)
    known, free, told = harmless(), Queue[Path](), []
    with tempfile.TemporaryDirectory() as place:
        for number in range(2):
            free.put(copy_of_the_project(Path(place) / str(number)))

        def tried(mutant: Mutant) -> str:
            folder = free.get()
            try:
                return judged(mutant, folder)
            finally:
                free.put(folder)

        with ThreadPoolExecutor(2) as crew:
            for mutant, by in zip(drawn, crew.map(tried, drawn), strict=True):
                before, after = mutant.lines()
                is_known = not by and (mutant.path, before, after) in known
                told.append("harmless" if is_known else by or "alive")
                print(f"{told[-1]:9} {mutant.path}:{mutant.line}  {before}  ->  {after}", flush=True)
    alive = told.count("alive")
    print(", ".join(f"{told.count(what)} {what}" for what in ("rules", "features", "harmless", "alive")))
    return int(alive > ALIVE_AT_MOST * len(drawn))


if __name__ == "__main__":
    sys.exit(main())
