"""Signing links and one-time codes: what they are bound to, and how long they live.

A link names a convention, a round, a side, a person and the digest of what was sent to be signed; whoever opens it
still has to prove the one-time code before anything is decided (invariant 5).
"""

from datetime import datetime, timedelta

from domain.convention import Role, Signatory
from domain.documents import Model, Sha256
from domain.errors import Actor, LinkRefused

CODE_LIFETIME = timedelta(minutes=10)
CODE_TRIES = 5
CODE_SPACING = timedelta(seconds=30)
CODES_PER_HOUR = 5
CODES_PER_LINK = 30
"""Over the whole life of a link: at most 150 guesses out of a million."""
SESSION_LIFETIME = timedelta(minutes=30)


class Link(Model):
    """A signing link, without its token."""

    id: str
    """Stable and not secret: the digest of the token."""
    convention_id: str
    round: int
    role: Role
    signatory: Signatory
    document: Sha256
    """What was sent to be signed."""
    expires_at: datetime
    dead: str = ""
    """Why the link no longer opens anything, in French; empty while it lives."""

    def require_alive(self, now: datetime) -> None:
        """:raises LinkRefused: ``link_dead`` or ``link_expired``."""
        if self.dead:
            raise LinkRefused("link_dead", self.dead)
        if now >= self.expires_at:
            raise LinkRefused(
                "link_expired",
                "Ce lien de signature a expiré. Demandez un nouveau lien au service qui vous l'a envoyé.",
                next_actor=Actor.LEGAL_AFFAIRS,
            )
