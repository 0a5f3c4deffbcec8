"""The reader of deliberations: from a received file to facts that carry the words they come from.

``intake`` makes text of a file or refuses it; ``view`` cleans the text and maps back to it; ``profile`` holds what is
particular to an authority, as data; ``parts`` cuts an act into header, report, operative part and ending; the
other modules each read one group of facts; ``reader`` puts them together; ``activity`` is the Temporal side.
"""

from activities.reading.intake import ExtractedText, take_in
from activities.reading.limits import Limits
from activities.reading.reader import read_document

__all__ = ["ExtractedText", "Limits", "read_document", "take_in"]
