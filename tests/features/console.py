"""The operator's console: a command is typed, and must answer in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.kernel.database import rollback


@dataclass(frozen=True)
class Answer:
    """What a command printed, and whether it was satisfied."""

    code: int
    out: str
    err: str

    @property
    def refusals(self) -> list[str]:
        """The lines of the complaint."""
        return self.err.strip().splitlines()


def run(app, *words: str, typed: str | None = None) -> Answer:
    """Run a command as it would be typed; anything but a sentence is a failure."""
    result = app.test_cli_runner().invoke(args=[str(word) for word in words], input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    said, complaint = result.stdout, _sentences(result.stderr)
    assert "Traceback" not in said + complaint
    rollback()
    return Answer(result.exit_code, said, complaint)


def _sentences(printed: str) -> str:
    """What was said to the operator: the log goes to standard error as well, an event a line, for machines."""
    return "".join(line for line in printed.splitlines(keepends=True) if not line.startswith('{"'))


def refused(app, *words: str, typed: str | None = None) -> str:
    """Run a command that must refuse; returns what it said."""
    answer = run(app, *words, typed=typed)
    assert answer.code != 0, answer.out
    assert answer.err.strip(), "it refused without a word"
    return answer.err
