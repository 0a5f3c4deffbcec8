"""E-mail: what we write to people, and how it leaves."""
