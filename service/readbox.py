"""Reading a stranger's file in a process of its own, with bounds on time and memory.

Whatever a hostile file does to the reader, the portal goes on, and nothing has been kept.
"""

import json
import sys

from domain.deliberation import Reading
from domain.documents import WireModel
from domain.errors import Actor, NotADeliberation, ParapheError, UnreadableDocument
from domain.source import SourceText
from domain.tasks import ActSummary
from service import box

SECONDS = 110
"""More than what the recognition of scanned pages bounds itself to."""
MEMORY_BYTES = 4 * 1024**3
"""More than what the reading of a PDF bounds itself to, in a process of its own."""
_REFUSED = 3


class Read(WireModel):
    """What a file gave."""

    reading: Reading
    text: SourceText
    acts: tuple[ActSummary, ...]


def read_safely(content: bytes, name: str, ocr_confidence: int | None = None) -> Read:
    """The reading of ``content``, whatever can come from it: :mod:`domain.admission` judges that.

    :param ocr_confidence: see :class:`activities.reading.limits.Limits`; none: its default.

    :raises UnreadableDocument: the file cannot be taken in, or reading it cost too much (``reading_too_costly``).
    :raises NotADeliberation: ``not_a_deliberation``.
    """
    shown = "".join(c for c in name if c.isprintable())[:200]
    try:
        arguments = (shown,) if ocr_confidence is None else (shown, str(ocr_confidence))
        code, answer = box.run(
            __name__, arguments, content, seconds=SECONDS, memory=MEMORY_BYTES, answers=(0, _REFUSED)
        )
    except box.TooCostly as error:
        raise _too_costly() from error
    if code == 0:
        return Read.model_validate_json(answer)
    refusal = json.loads(answer)
    kind = UnreadableDocument if refusal["kind"] == "UnreadableDocument" else NotADeliberation
    raise kind(refusal["code"], refusal["message"], next_actor=Actor(refusal["next_actor"]))


def _too_costly() -> UnreadableDocument:
    return UnreadableDocument(
        "reading_too_costly",
        "Ce fichier n'a pas pu être lu dans les limites de temps et de mémoire : il est peut-être endommagé. Fournissez"
        " une autre copie de la délibération.",
    )


def _main(name: str, ocr_confidence: str = "") -> int:
    from activities.reading.activity import summaries
    from activities.reading.intake import take_in
    from activities.reading.limits import Limits
    from activities.reading.reader import read_text

    try:
        limits = Limits(ocr_confidence=int(ocr_confidence)) if ocr_confidence else Limits()
        source = take_in(sys.stdin.buffer.read(), name, limits)
        reading = read_text(source)
    except ParapheError as refusal:
        answer = {
            "kind": type(refusal).__name__,
            "code": refusal.code,
            "message": refusal.message,
            "next_actor": refusal.next_actor.value,
        }
        sys.stdout.write(json.dumps(answer))
        return _REFUSED
    read = Read(reading=reading, text=SourceText(text=source.text, pages=source.pages), acts=summaries(reading))
    sys.stdout.write(read.model_dump_json(by_alias=True))
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
