"""Signed samples for the independent validators, made by what signs in production: rendering, conversion, signatures.

python scripts/validate/samples.py FOLDER
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import uvicorn

from activities.conversion.libreoffice import LibreOffice
from activities.conversion.pdfa import created_at, finish
from activities.drafting.rendering import render
from activities.signing.appearance import Mention
from activities.signing.fields import PLACES, prepare_fields
from activities.signing.sealing import sign
from activities.signing.signer import Pkcs12Signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import CrlFiles, Trust
from domain.convention import Role, SuppliedFacts
from domain.deliberation import Act, Award, BudgetLine, Outcome
from domain.drafting import build_draft_facts
from domain.facts import Evidence, Fact, FactStatus
from domain.parties import Civility, Person, Staff
from service import tsa
from service.devpki import DevPki, ensure
from service.settings import ROOT

SAMPLES = ROOT / "service" / "samples"
NUMBER = "2026-0001"

MENTIONS = {
    Role.BENEFICIARY: Mention(
        "Gaël L’Héritier-Nuñez",
        "Président, Association Œuvre d’essai",
        "Représentant du bénéficiaire, désigné par le service instructeur",
        datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    ),
    Role.AUTHORITY: Mention(
        "Camille Fontaine",
        "Pour la Présidente et par délégation, la Vice-présidente déléguée à l’économie",
        "Arrêté n° 26/123/CM du 3 juillet 2026 portant délégation de fonction, publié le 6 juillet 2026",
        datetime(2026, 11, 3, 14, 5, tzinfo=UTC),
    ),
}
"""Invented people."""


def approved_convention() -> bytes:
    """The sample deliberation's convention: PDF/A-2b, with its empty places for signatures."""
    supplied = SuppliedFacts.model_validate_json((SAMPLES / "supplied.json").read_text("utf-8"))
    executive = Person(
        civility=Civility.MADAME,
        first_name="Camille",
        last_name="Moreau",
        capacity="Présidente",
        email="presidence@example.org",
    )
    by = Staff(id="a.martin", name="Alix Martin")
    drafting = build_draft_facts(_act(), 0, supplied, by, datetime.now(UTC), executive, "mandat", NUMBER)
    if drafting.facts is None:
        raise SystemExit(f"the sample gives no draft: {drafting.findings}")
    template = (ROOT / "templates" / "conventions" / "fonctionnement-affecte.docx").read_bytes()
    docx = render(template, drafting.facts)
    with LibreOffice() as office:
        return prepare_fields(finish(office.convert(docx), f"Convention n° {NUMBER}", created_at(docx)))


def _act() -> Act:
    """What the reading of the sample deliberation finds; reading is not what is tried here."""

    def found(value: object) -> Fact:  # type: ignore[type-arg]
        return Fact(value=value, status=FactStatus.FOUND, evidence=(Evidence(start=0, end=1, text="…", page=1),))

    return Act(
        authority=found("Métropole Aix-Marseille-Provence"),
        assembly=found("Bureau de la Métropole"),
        session_date=found(date(2019, 9, 26)),
        number=found("ECO 010-6552/19/BM"),
        title=found("Attribution d'une subvention pour la phase 2 de la démarche Smart Port"),
        outcome=found(Outcome.ADOPTED),
        awards=(
            Award(
                beneficiary=found("Chambre de Commerce et d'Industrie Marseille Provence"),
                amount=found(Decimal("50000.00")),
                purpose=found("la mise en œuvre de la phase 2 de la démarche Smart Port"),
            ),
        ),
        convention_approved=found(True),
        signing_authority=found("Présidente ou son représentant"),
        budget=BudgetLine(fiscal_year=found(2019), chapter=found("65"), nature=found("657381")),
    )


@contextmanager
def timestamp_server(pki: DevPki) -> Iterator[str]:
    """The development timestamp authority on a port of its own; its address."""
    authority = tsa.TimestampAuthority(pki.tsa, pki.tsa_key, (pki.issuing,))
    config = uvicorn.Config(tsa.app(authority), host="127.0.0.1", port=0, lifespan="off", ws="none", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise SystemExit("the timestamp authority did not start")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()


def trust_of(pki: DevPki) -> Trust:
    return Trust(
        roots=(pki.root.read_bytes(),),
        intermediates=(pki.issuing.read_bytes(),),
        revocation=CrlFiles(pki.lists),
        own=(pki.seal_certificate.read_bytes(),),
    )


def make(folder: Path, approved: bytes | None = None) -> tuple[DevPki, dict[str, Path]]:
    """The samples by name, in ``folder``: for each mode of certification, the half-signed file and the final one."""
    pki = ensure(folder / "authorities")
    seal = Pkcs12Signer(pki.seal, pki.seal_passphrase)
    trust = trust_of(pki)
    approved = approved or approved_convention()
    made = {"approuvee": approved}
    with timestamp_server(pki) as url:
        timestamper = HttpTimestamper([url], trust=trust)
        for mode, certifier in (("premiere-signature", None), ("cachet", seal)):
            content = approved
            for step, role in (("intermediaire", Role.BENEFICIARY), ("finale", Role.AUTHORITY)):
                content = sign(
                    content,
                    PLACES[role].field,
                    MENTIONS[role],
                    signer=seal,
                    timestamper=timestamper,
                    trust=trust,
                    certifier=certifier,
                ).content
                made[f"{mode}-{step}"] = content
        timestamper.close()
    paths = {name: folder / f"{name}.pdf" for name in made}
    for name, content in made.items():
        paths[name].write_bytes(content)
    return pki, paths


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for path in make(target)[1].values():
        print(path)
