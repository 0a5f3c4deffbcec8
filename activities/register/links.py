"""Signing links. The token is derived, never stored: whoever reads the database holds no link."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from activities.register.circuits import REPLACED, kill_links_before
from activities.register.engine import Repository, insert_if_new
from activities.register.tables import links
from domain.convention import Role, Signatory
from domain.dossier import IssuedLink
from domain.errors import LinkRefused
from domain.links import Link


class Links(Repository):
    """Links bound to (convention, round, side, person, document)."""

    def issue_link(
        self,
        convention_id: str,
        round_: int,
        role: Role,
        signatory: Signatory,
        document: str,
        expires_at: datetime,
    ) -> str:
        """The token of the link: 256 bits, URL-safe. Asked again for the same identity, the same token.

        :param document: SHA-256 of what was sent to be signed.
        """
        identity = {
            "convention_id": convention_id,
            "round": round_,
            "role": role.value,
            "email": str(signatory.person.email).casefold(),
            "document": document,
        }
        where = [links.c[name] == value for name, value in identity.items()]
        with self._writing() as connection:
            nonce = connection.execute(select(links.c.nonce).where(*where)).scalar()
            if nonce is None:
                nonce = secrets.token_hex(32)
                insert_if_new(
                    connection,
                    links,
                    token_digest=_digest(self._token(nonce, identity)),
                    signatory=signatory.model_dump_json(),
                    nonce=nonce,
                    issued_at=self._clock(),
                    expires_at=expires_at,
                    dead="",
                    **identity,
                )
                # Another process may have been first: its nonce is the one that counts.
                nonce = connection.execute(select(links.c.nonce).where(*where)).scalar_one()
            token = self._token(nonce, identity)
            known = connection.execute(select(links.c.token_digest).where(*where)).scalar_one()
        if known != _digest(token):
            raise RuntimeError("the link secret has changed since this link was issued: its token cannot be made again")
        return token

    def find_link(self, token: str) -> Link | None:
        """The link of ``token``, dead or alive: see :meth:`domain.links.Link.require_alive`.

        Looked up by digest, so that the time taken tells nothing about the tokens that exist.
        """
        with self._reading() as connection:
            row = connection.execute(select(links).where(links.c.token_digest == _digest(token))).first()
        return _link(row) if row else None

    def links_of(self, convention_id: str) -> tuple[IssuedLink, ...]:
        """Every link issued for a convention, in order, for the evidence; nothing that lets anybody in."""
        query = (
            select(links)
            .where(links.c.convention_id == convention_id)
            .order_by(links.c.issued_at, links.c.token_digest)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return tuple(
            IssuedLink(
                round=row.round,
                role=Role(row.role),
                mailbox=row.email,
                name=Signatory.model_validate_json(row.signatory).person.full_name,
                document=row.document,
                issued_at=row.issued_at,
                expires_at=row.expires_at,
                closed=row.dead,
            )
            for row in rows
        )

    def kill_links(self, convention_id: str, before_round: int, reason: str = REPLACED) -> None:
        """Kill the links of rounds before ``before_round``. :param reason: French sentence, shown to who opens one."""
        with self._writing() as connection:
            kill_links_before(connection, convention_id, before_round, reason)

    def _token(self, nonce: str, identity: dict[str, Any]) -> str:
        message = json.dumps(["link", nonce, identity], sort_keys=True).encode()
        raw = hmac.digest(self._secret, message, "sha256")
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def living_link(connection: Connection, link: Link, now: datetime, *, lock: bool = True) -> Link:
    """``link`` as it is now.

    :param lock: keep its row locked until the transaction ends.

    :raises LinkRefused: ``link_unknown``, ``link_dead`` or ``link_expired``.
    """
    query = select(links).where(links.c.token_digest == link.id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise LinkRefused("link_unknown", "Ce lien de signature n'existe pas. Vérifiez l'adresse ou le message reçu.")
    current = _link(row)
    current.require_alive(now)
    return current


def _link(row: Row[Any]) -> Link:
    return Link(
        id=row.token_digest,
        convention_id=row.convention_id,
        round=row.round,
        role=Role(row.role),
        signatory=Signatory.model_validate_json(row.signatory),
        document=row.document,
        expires_at=row.expires_at,
        dead=row.dead,
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
