"""Verifying a stranger's PDF in a process of its own, with bounds on time and memory.

A file of two kilobytes can keep a PDF library busy for ever (fields that share their children, compressed tables of
references…), and anybody may send one to the verification page.
"""

import json
import sys
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from activities.signing.trust import RevocationOutage, Trust
from domain.documents import digest
from domain.verification import Conclusion, VerificationReport
from service import box

SECONDS = 30
MEMORY_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class _Given:
    """The revocation lists that the caller has read, or its outage."""

    given: tuple[bytes, ...] | None

    def lists(self) -> tuple[bytes, ...]:
        if self.given is None:
            raise RevocationOutage("the lists could not be had")
        return self.given


def verify_safely(content: bytes, trust: Trust, *, seconds: int = SECONDS) -> VerificationReport:
    """As :func:`activities.signing.verification.verify`; a file that costs too much is unreadable."""
    try:
        _, answer = box.run(
            __name__, (), _told(trust) + b"\n" + content, seconds=seconds, memory=MEMORY_BYTES, answers=(0,)
        )
    except box.TooCostly:
        return VerificationReport(
            sha256=digest(content),
            size=len(content),
            conclusion=Conclusion.UNREADABLE,
            ours=False,
            verified_at=datetime.now(UTC),
            sentences=(
                "Ce fichier n’a pas pu être vérifié dans les limites de temps et de mémoire : il est abîmé, ou fait"
                " pour bloquer qui le lit.",
                "Rien ne permet de dire que ce fichier vient de nous.",
            ),
        )
    return VerificationReport.model_validate_json(answer)


def _told(trust: Trust) -> bytes:
    try:
        lists: tuple[bytes, ...] | None = trust.revocation.lists()
    except RevocationOutage:
        lists = None
    told = {"roots": trust.roots, "intermediates": trust.intermediates, "own": trust.own, "lists": lists}
    return json.dumps(
        {name: None if given is None else [b64encode(one).decode() for one in given] for name, given in told.items()}
    ).encode()


def _main() -> None:
    from activities.signing.verification import verify

    told, _, content = sys.stdin.buffer.read().partition(b"\n")
    given = {
        name: None if values is None else tuple(b64decode(value) for value in values)
        for name, values in json.loads(told).items()
    }
    trust = Trust(
        roots=given["roots"] or (),
        intermediates=given["intermediates"] or (),
        revocation=_Given(given["lists"]),
        own=given["own"] or (),
    )
    sys.stdout.write(verify(content, trust).model_dump_json())


if __name__ == "__main__":
    _main()
