"""Reading a stranger's file in a process of its own, with bounds on time and memory.

Whatever a hostile file does to the reader, the portal goes on, and nothing has been kept.
"""

import json
import sys

from domain.deliberation import Reading
from domain.errors import Actor, NotADeliberation, ParapheError, UnreadableDocument
from service import box

SECONDS = 60
MEMORY_BYTES = 4 * 1024**3
"""More than what the reading of a PDF bounds itself to, in a process of its own."""
_REFUSED = 3


def read_safely(content: bytes, name: str) -> Reading:
    """The reading of ``content``, if a convention can come from it.

    :raises UnreadableDocument: the file cannot be taken in, or reading it cost too much (``reading_too_costly``).
    :raises NotADeliberation: no convention can come from it.
    """
    shown = "".join(c for c in name if c.isprintable())[:200]
    try:
        code, answer = box.run(__name__, (shown,), content, seconds=SECONDS, memory=MEMORY_BYTES, answers=(0, _REFUSED))
    except box.TooCostly as error:
        raise _too_costly() from error
    if code == 0:
        return Reading.model_validate_json(answer)
    refusal = json.loads(answer)
    kind = UnreadableDocument if refusal["kind"] == "UnreadableDocument" else NotADeliberation
    raise kind(refusal["code"], refusal["message"], next_actor=Actor(refusal["next_actor"]))


def _too_costly() -> UnreadableDocument:
    return UnreadableDocument(
        "reading_too_costly",
        "Ce fichier n'a pas pu être lu dans les limites de temps et de mémoire : il est peut-être endommagé. Fournissez"
        " une autre copie de la délibération.",
    )


def _main(name: str) -> int:
    from activities.reading import read_document
    from activities.reading.activity import summaries
    from domain.admission import admissible

    try:
        reading = read_document(sys.stdin.buffer.read(), name)
        admissible(summaries(reading))
    except ParapheError as refusal:
        answer = {
            "kind": type(refusal).__name__,
            "code": refusal.code,
            "message": refusal.message,
            "next_actor": refusal.next_actor.value,
        }
        sys.stdout.write(json.dumps(answer))
        return _REFUSED
    sys.stdout.write(reading.model_dump_json(by_alias=True))
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))
