"""From a Word file to PDF/A, and from a PDF to what a page shows."""
