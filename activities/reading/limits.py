"""What is too much for one file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What is too much, and what is too little to be sure."""

    size: int = 50 * 1024**2
    """Bytes of the file."""
    unpacked: int = 200 * 1024**2
    """Bytes that an archive may claim to unpack to."""
    pages: int = 300
    characters: int = 1_000_000
    """Of the extracted text."""
    seconds: float = 75
    """To read one PDF; less than the activity's own time-out."""
    ocr_pages: int = 20
    """Scanned pages that are recognised, at two or three seconds each; the others stay without text."""
    ocr_seconds: float = 80
    """To recognise them all."""
    ocr_confidence: int = 80
    """A fact that rests on a recognised word less sure than this (0 to 100) is ambiguous until a person settles it."""
