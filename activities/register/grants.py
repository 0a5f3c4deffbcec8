"""What was granted to whom, for which year: conventions of one authority, cumulated per beneficiary."""

from datetime import date

from sqlalchemy import or_, select, update

from activities.register.engine import Repository, insert_if_new
from activities.register.tables import REFUSED_ENDINGS, circuits, grants
from domain.convention import fold
from domain.grants import Grant, MatchedBy, OtherAward


class Grants(Repository):
    """Décret n° 2001-495 counts a year's subsidies to one body: the register knows those of its conventions."""

    def record_grant(self, grant: Grant) -> None:
        """Keep what the convention grants; recorded again, the latest facts stand."""
        values = {
            "authority_key": fold(grant.authority),
            "siren": grant.siren,
            "beneficiary_key": fold(grant.beneficiary),
            "fiscal_year": grant.fiscal_year,
            "amount": grant.amount,
            "recorded_at": self._clock(),
        }
        with self._writing() as connection:
            if not insert_if_new(connection, grants, convention_id=grant.convention_id, **values):
                connection.execute(update(grants).where(grants.c.convention_id == grant.convention_id).values(**values))

    def other_awards(self, grant: Grant, names: tuple[str, ...] = ()) -> tuple[OtherAward, ...]:
        """The other live or completed conventions of the authority, for the same beneficiary and year.

        A convention whose facts are known counts by SIREN, or by name under another SIREN's absence; one that was only
        opened counts by the name that was read and the year of its session. Ordered by deliberation.

        :param names: other names of the beneficiary, such as the one that the deliberation gives.
        """
        keys = {key for name in (grant.beneficiary, *names) if (key := fold(name))}
        query = (
            select(
                circuits.c.convention_id,
                circuits.c.deliberation_number,
                circuits.c.session_date,
                circuits.c.authority,
                circuits.c.beneficiary,
                circuits.c.amount.label("read_amount"),
                grants.c.siren,
                grants.c.amount,
            )
            .outerjoin(grants, grants.c.convention_id == circuits.c.convention_id)
            .where(
                circuits.c.stage.not_in(REFUSED_ENDINGS),
                circuits.c.convention_id != grant.convention_id,
                or_(
                    (grants.c.authority_key == fold(grant.authority)) & (grants.c.fiscal_year == grant.fiscal_year),
                    grants.c.convention_id.is_(None)
                    & circuits.c.session_date.between(date(grant.fiscal_year, 1, 1), date(grant.fiscal_year, 12, 31)),
                ),
            )
            .order_by(circuits.c.session_date, circuits.c.deliberation_number, circuits.c.convention_id)
        )
        found = []
        with self._reading() as connection:
            for row in connection.execute(query):
                known = row.siren is not None
                if known:
                    matched = row.siren == grant.siren
                else:
                    matched = fold(row.authority) == fold(grant.authority) and fold(row.beneficiary or "") in keys
                amount = row.amount if known else row.read_amount
                if matched and amount is not None:
                    found.append(
                        OtherAward(
                            convention_id=row.convention_id,
                            number=row.deliberation_number,
                            amount=amount,
                            matched_by=MatchedBy.SIREN if known else MatchedBy.NAME,
                        )
                    )
        return tuple(found)
