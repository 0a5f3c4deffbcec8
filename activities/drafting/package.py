"""The Word file as a zip whose bytes depend on its content alone."""

import io
import zipfile

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FIRST = ("[Content_Types].xml", "_rels/.rels")


def normalised(docx: bytes) -> bytes:
    """The same parts in one order, without the times and systems of whoever zipped them.

    Word packages bear the time of their making (python-docx included), so that the same draft twice would have two
    digests, and a retry would look like another version.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        # Open Packaging readers expect the content types first; the rest follows by name.
        for name in sorted(source.namelist(), key=lambda n: (n not in _FIRST, n)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            target.writestr(entry, source.read(name), compresslevel=6)
    return out.getvalue()
