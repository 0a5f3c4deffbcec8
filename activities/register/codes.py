"""One-time codes, and the short session that a right code opens: the proof that precedes a signature or a refusal.

Every try is committed before it is answered, so that a refused one counts even when the caller gives up on it.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from activities.register import chain
from activities.register.engine import Repository
from activities.register.links import living_link
from activities.register.tables import challenges, links
from domain.convention import SYSTEM, Actor, Role
from domain.dossier import Identification
from domain.errors import LinkRefused
from domain.links import (
    CODE_LIFETIME,
    CODE_SPACING,
    CODE_TRIES,
    CODES_PER_HOUR,
    CODES_PER_LINK,
    SESSION_LIFETIME,
    Link,
)
from domain.tasks import Event

SKEW = timedelta(minutes=2)
"""How far the clocks of the portal and of Temporal may be apart."""


class Codes(Repository):
    """Challenges of a link. Only the last code issued counts."""

    def issue_code(self, link: Link, now: datetime) -> tuple[str, str]:
        """A fresh code of 6 digits and the id of its challenge; earlier codes of the link are void.

        :raises LinkRefused: ``link_*``, ``code_too_soon`` or ``too_many_codes``.
        """
        with self._writing() as connection:
            chain.lock(connection, link.convention_id)
            living_link(connection, link, now)
            of_link = challenges.c.link == link.id
            total, last = connection.execute(
                select(func.count(), func.max(challenges.c.issued_at)).where(of_link)
            ).one()
            recent = connection.execute(
                select(func.count()).where(of_link, challenges.c.issued_at > now - timedelta(hours=1))
            ).scalar_one()
            if last is not None and now - last < CODE_SPACING:
                raise LinkRefused(
                    "code_too_soon",
                    "Un code vient de vous être envoyé : patientez 30 secondes avant d'en demander un autre.",
                )
            if recent >= CODES_PER_HOUR or total >= CODES_PER_LINK:
                raise LinkRefused(
                    "too_many_codes",
                    "Trop de codes ont été demandés pour ce lien. Réessayez dans une heure ou demandez un autre lien.",
                )
            challenge, code = secrets.token_hex(16), f"{secrets.randbelow(1_000_000):06d}"
            connection.execute(
                insert(challenges).values(
                    id=challenge,
                    link=link.id,
                    rank=total + 1,
                    code_digest=self._code_digest(challenge, code),
                    issued_at=now,
                    expires_at=now + CODE_LIFETIME,
                    tries=0,
                )
            )
            _note(connection, link, "code_issued", challenge, now)
        return code, challenge

    def check_code(self, link: Link, code: str, now: datetime) -> str:
        """The nonce of a session of 30 minutes, for the right code. A code opens one session.

        :raises LinkRefused: ``link_*``, ``code_wrong``, ``code_expired`` or ``too_many_tries``.
        """
        with self._writing() as connection:
            chain.lock(connection, link.convention_id)
            living_link(connection, link, now)
            outcome = self._try(connection, link, code, now)
        # Raised after the commit: a refusal inside the transaction would undo the count of the try.
        if isinstance(outcome, LinkRefused):
            raise outcome
        return outcome

    def _try(self, connection: Connection, link: Link, code: str, now: datetime) -> str | LinkRefused:
        row = connection.execute(
            select(challenges).where(challenges.c.link == link.id).order_by(challenges.c.rank.desc()).limit(1)
        ).first()
        if row is None:
            return LinkRefused("code_expired", "Aucun code n'est en cours : demandez un code.")
        if row.verified_at is not None:
            return LinkRefused("code_expired", "Ce code a déjà été utilisé : demandez un nouveau code.")
        if now >= row.expires_at:
            return LinkRefused("code_expired", "Ce code a expiré au bout de dix minutes : demandez un nouveau code.")
        if row.tries >= CODE_TRIES:
            return LinkRefused("too_many_tries", "Trop d'essais avec ce code : demandez un nouveau code.")
        change: dict[str, Any] = {"tries": row.tries + 1}
        given = self._code_digest(row.id, "".join(code.split()))
        right = hmac.compare_digest(given, row.code_digest)
        nonce = secrets.token_urlsafe(32)
        if right:
            change |= {
                "verified_at": now,
                "session_digest": _digest(nonce),
                "session_expires_at": now + SESSION_LIFETIME,
            }
        connection.execute(update(challenges).where(challenges.c.id == row.id).values(**change))
        tries = change["tries"]
        if right:
            _note(connection, link, "code_verified", row.id, now, tries=str(tries))
            return nonce
        _note(connection, link, "code_wrong", row.id, now, rank=tries, tries=str(tries))
        left = CODE_TRIES - tries
        remaining = f"il vous reste {left} essai{'s' if left > 1 else ''}" if left else "demandez un nouveau code"
        return LinkRefused("code_wrong", f"Ce code n'est pas le bon : {remaining}.")

    def check_session(self, link: Link, nonce: str, now: datetime) -> str:
        """The id of the challenge that opened this session. Reads only.

        :raises LinkRefused: ``link_*`` or ``session_expired``.
        """
        with self._reading() as connection:
            living_link(connection, link, now, lock=False)
            return str(self._session(connection, link, nonce, now).id)

    def spend(
        self, challenge: str, convention_id: str, round_: int, role: Role, email: str, document: str, at: datetime
    ) -> None:
        """Spend the code that ``challenge`` was met with on the signature accepted at ``at``.

        The same signature may spend it again, so that a retry is not refused; another one may not.

        :param document: SHA-256 of what is signed.
        :raises LinkRefused: ``challenge_unproved``: nobody met it, not on the link of this person for this document,
            not within the session it opened, or it was spent already.
        """
        act = f"sign/{convention_id}/{round_}/{role.value}/{document}/{at.isoformat()}"
        with self._writing() as connection:
            row = connection.execute(
                select(challenges)
                .join(links, links.c.token_digest == challenges.c.link)
                .where(
                    challenges.c.id == challenge,
                    challenges.c.verified_at <= at + SKEW,
                    challenges.c.session_expires_at > at - SKEW,
                    links.c.convention_id == convention_id,
                    links.c.round == round_,
                    links.c.role == role.value,
                    links.c.email == email.casefold(),
                    links.c.document == document,
                )
            ).first()
            if row is None or row.consumed_for not in {None, act}:
                raise LinkRefused(
                    "challenge_unproved",
                    "Aucun code valable ne prouve qui a demandé cette signature : rien n'a été signé. Demandez un"
                    " nouveau code.",
                )
            connection.execute(
                update(challenges).where(challenges.c.id == challenge).values(consumed_at=at, consumed_for=act)
            )

    def identifications(self, convention_id: str) -> tuple[Identification, ...]:
        """How people proved who they are, in order: each code asked for on a link of the convention, and what came of
        it, for the evidence; neither codes nor what they derive from.
        """
        query = (
            select(
                challenges, links.c.round, links.c.role, links.c.email, links.c.document, links.c.issued_at.label("x")
            )
            .join(links, links.c.token_digest == challenges.c.link)
            .where(links.c.convention_id == convention_id)
            .order_by(challenges.c.issued_at, challenges.c.id)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Identification(
                challenge=row.id,
                round=row.round,
                role=Role(row.role),
                mailbox=row.email,
                document=row.document,
                link_issued_at=row.x,
                code_issued_at=row.issued_at,
                code_expires_at=row.expires_at,
                code_verified_at=row.verified_at,
                tries=row.tries,
                spent_at=row.consumed_at,
            )
            for row in rows
        )

    def _session(self, connection: Connection, link: Link, nonce: str, now: datetime) -> Row[Any]:
        row = connection.execute(
            select(challenges).where(challenges.c.link == link.id, challenges.c.session_digest == _digest(nonce))
        ).first()
        if row is None or now >= row.session_expires_at:
            raise LinkRefused(
                "session_expired", "Votre session a expiré au bout de trente minutes : demandez un nouveau code."
            )
        return row

    def _code_digest(self, challenge: str, code: str) -> str:
        # Keyed: six digits have too few values for a bare digest to hide them from whoever reads the database.
        message = f"code|{challenge}|{code}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, message, "sha256").hex()


def _note(
    connection: Connection, link: Link, kind: str, challenge: str, at: datetime, *, rank: int = 0, **detail: str
) -> None:
    """Enter in the evidence what happened at the door, with the link and the code it happened to."""
    who = Actor(kind="signatory", name=link.signatory.person.full_name) if kind == "code_verified" else SYSTEM
    event = Event(
        key=f"{kind}/{challenge}" + (f"/{rank}" if rank else ""),
        kind=kind,
        at=at,
        actor=who,
        detail={
            "role": link.role.value,
            "round": str(link.round),
            "challenge": challenge,
            "mailbox": str(link.signatory.person.email),
            "document": link.document,
            **detail,
        },
    )
    chain.append(connection, link.convention_id, [event])


def _digest(nonce: str) -> str:
    return hashlib.sha256(nonce.encode("utf-8", "surrogatepass")).hexdigest()
