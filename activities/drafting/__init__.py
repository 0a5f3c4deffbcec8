"""From the facts of a draft to a Word file."""
