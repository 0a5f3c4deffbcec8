"""What a deliberation, a convention and a power to sign are, and the rules of law that bind them.

Pure: nothing here reads a file, a clock, a database or Temporal. Whoever calls brings the instant.
The glossary is in ``domain/GLOSSARY.md``.
"""
