"""Signatures as they stand in the bytes of a file, whether a PDF reader can still open it or not.

A signature (ISO 32000-2, 12.8.1) covers the spans that ``/ByteRange`` names, in plain digits, and leaves out the
``/Contents`` between them, which gives the digest that those spans had when it was made.
"""

import hashlib
import re
from collections.abc import Iterator
from enum import StrEnum

from asn1crypto import cms, tsp

_TIMESTAMP = tsp.TSTInfo
"""Loading it is what lets asn1crypto tell a timestamp from other content."""
_MOST = 64
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_MARKS = (b"/ByteRange", b"/ETSI.CAdES.detached", b"/ETSI.RFC3161", b"/adbe.pkcs7.detached")


class Trace(StrEnum):
    MATCHES = "matches"
    """What it covers is as it was when it was made."""
    DIFFERS = "differs"
    """What it covers has changed."""
    BROKEN = "broken"
    """There was a signature here, and it cannot be read any more."""


def traces(pdf: bytes) -> list[Trace]:
    """One per signature or timestamp, in the order of the file; none when it bears none."""
    found = list(_traces(pdf))
    marks = max(pdf.count(mark) for mark in _MARKS)
    return found + [Trace.BROKEN] * min(max(marks - len(found), 0), _MOST)


def _traces(pdf: bytes) -> Iterator[Trace]:
    for n, match in enumerate(_RANGE.finditer(pdf)):
        if n >= _MOST:
            return
        first, length, second, rest = (int(number) for number in match.groups())
        hexadecimal = pdf[first + length : second]
        if first or second + rest > len(pdf) or not (hexadecimal.startswith(b"<") and hexadecimal.endswith(b">")):
            yield Trace.BROKEN
            continue
        try:
            expected, algorithm = _digest_in(bytes.fromhex(hexadecimal[1:-1].decode("ascii")))
            actual = hashlib.new(algorithm, pdf[:length] + pdf[second : second + rest]).digest()
        except Exception:  # anything at all may come out of bytes that somebody changed
            yield Trace.BROKEN
        else:
            yield Trace.MATCHES if actual == expected else Trace.DIFFERS


def _digest_in(content: bytes) -> tuple[bytes, str]:
    """The digest that a signature or a timestamp gives of what it covers, and its algorithm."""
    signed = cms.ContentInfo.load(content)["content"]
    if signed["encap_content_info"]["content_type"].native == "tst_info":
        imprint = signed["encap_content_info"]["content"].parsed["message_imprint"]
        return imprint["hashed_message"].native, imprint["hash_algorithm"]["algorithm"].native
    [signer] = signed["signer_infos"]
    digests = [a["values"][0].native for a in signer["signed_attrs"] if a["type"].native == "message_digest"]
    return digests[0], signer["digest_algorithm"]["algorithm"].native
