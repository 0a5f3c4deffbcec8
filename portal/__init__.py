"""What people open: the legal affairs desk, the signing pages, the verification page, the HTTP API."""
