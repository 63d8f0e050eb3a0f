"""``python -m tournaments.engine plan|replay``: one JSON document on standard input, one on standard output.

Exit status 0; 1 when results were rejected; 2, with one line on standard error, when there is no answer.
"""

import json
import os
import sys

from .decoding import parse
from .document import answer_plan, answer_replay
from .encoding import Json, canonical
from .errors import EngineError

USAGE = "usage: python -m tournaments.engine plan|replay < document.json"


def main(arguments: list[str]) -> int:
    if arguments in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if arguments not in (["plan"], ["replay"]):
        return _no_answer(USAGE)
    try:
        answer, accepted = _answer(arguments[0], sys.stdin.buffer.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _no_answer("invalid_document: not UTF-8")
    except EngineError as error:
        return _no_answer(f"{error.code.value}: {json.dumps(error.params, sort_keys=True, default=repr)}")
    try:
        print(canonical(answer), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0 if accepted else 1


def _answer(command: str, text: str) -> tuple[Json, bool]:
    document = parse(text)
    if command == "plan":
        return answer_plan(document), True
    return answer_replay(document)


def _no_answer(line: str) -> int:
    print(line, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
