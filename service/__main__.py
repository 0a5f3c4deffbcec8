"""``python -m service``: the same as ``paraphe``."""

from service.cli import main

main()
