"""Reading hexadecimal strings at once, where pyHanko 0.38 reads them digit by digit.

A signature is a string of 32,768 digits, most of them padding, which is read whenever a signed file is opened: a third
of the time of signing and validating went there. Whatever is not plainly a string of digits goes to pyHanko's own
reader, so that what is accepted and what is refused stay the same.
"""

import binascii
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import ByteStringObject, TextStringObject, pdf_string

Text = ByteStringObject | TextStringObject

# As a PDF has it (ISO 32000-2, 7.2.3), and as pyHanko skips it between digits.
_WHITE = b"\x00\t\n\x0c\r "
_PIECE = 64 * 1024

_one_by_one = generic.read_hex_string_from_stream


def read_at_once(stream: Any) -> Text:
    """The string that starts at ``<``; the stream stands after its ``>``."""
    start = stream.tell()
    stream.read(1)
    pieces = []
    while piece := stream.read(_PIECE):
        head, end, _ = piece.partition(b">")
        pieces.append(head)
        if end:
            break
    else:
        return _with_care(stream, start)
    written = b"".join(pieces)
    digits = written.translate(None, _WHITE)
    try:
        value = binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except binascii.Error:
        return _with_care(stream, start)
    stream.seek(start + len(written) + 2)
    return pdf_string(value)


def _with_care(stream: Any, start: int) -> Text:
    stream.seek(start)
    return _one_by_one(stream)


def install() -> None:
    """Make pyHanko read so, in this process."""
    generic.read_hex_string_from_stream = read_at_once


def uninstall() -> None:
    """Give pyHanko its own back: a benchmark compares with it."""
    generic.read_hex_string_from_stream = _one_by_one
