"""The companions, but for one thing: every delivery is counted, also those of a message that is already in the box.

Run as a program.
"""

import asyncio
from email import message_from_bytes
from pathlib import Path

from service import companions
from service.catcher import Mailbox
from service.settings import load

LOG = "deliveries"
"""Under the stack's data: one Message-ID a line."""


def main() -> None:
    settings = load()
    keep = Mailbox.keep

    def counted(mailbox: Mailbox, content: bytes) -> Path:
        with (settings.data_dir / LOG).open("a") as log:
            log.write(f"{message_from_bytes(content)['Message-ID']}\n")
        return keep(mailbox, content)

    Mailbox.keep = counted  # type: ignore[assignment, method-assign]
    asyncio.run(companions.run(settings))


if __name__ == "__main__":
    main()
