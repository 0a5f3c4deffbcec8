"""Text of a PDF, page by page, as a program of its own: PDF on standard input, JSON on standard output.

It runs apart because PDFium is C++ fed with files from strangers: a crash or an endless loop must end this process,
not the worker. It imports nothing of ours, so that ``python -I`` can run it from any directory.

Output: ``{"pages": [text, …], "images": [whether each page shows one, …]}`` or
``{"error": "encrypted" | "damaged" | "too_many_pages", "count": pages}``.
"""

import json
import resource
import sys

MEMORY = 3 * 1024**3
CPU_SECONDS = 60


def extract(content: bytes, max_pages: int) -> dict[str, object]:
    import pypdfium2  # after the limits are set

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        return {"error": "encrypted" if "password" in str(error).lower() else "damaged"}
    count = len(document)
    if count == 0:
        return {"error": "damaged"}
    if count > max_pages:
        return {"error": "too_many_pages", "count": count}
    pages, images = [], []
    for index in range(count):
        try:
            page = document[index]
            text = page.get_textpage().get_text_range()
            shown = page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
            images.append(any(True for _ in shown))
        except pypdfium2.PdfiumError:
            return {"error": "damaged"}
        # PDFium ends lines with CRLF, and marks with U+FFFE or U+0002 a hyphen at the end of a line.
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufffe", "-").replace("\x02", "-")
        pages.append(text.replace("\x00", "").replace("\f", "\n").encode("utf-8", "replace").decode("utf-8"))
        page.close()
    return {"pages": pages, "images": images}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    content = sys.stdin.buffer.read()
    try:
        answer = extract(content, int(sys.argv[1]))
    except (MemoryError, RecursionError):
        answer = {"error": "damaged"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
