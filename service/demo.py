"""``make demo``: the whole journey of one deliberation, on real parts, through the doors that people use.

Legal affairs act by the portal's HTTP API; the signatories read their mail and go through the pages, as a browser
without JavaScript would. Nothing is called from inside.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from activities.archive.storage import verify_object
from activities.signing.verification import verify
from domain.facts import FactStatus
from domain.verification import Conclusion
from service import first_run, sample
from service.catcher import Mailbox
from service.keys import verification_trust
from service.reading_text import STATUS
from service.settings import ROOT, Settings, load
from service.stack import StackFailed, on_free_ports, running
from service.temporal_server import NoTemporalServer
from service.visitor import Desk, Refusal, Signer

SAMPLE = ROOT / "service" / "samples" / "deliberation.pdf"


class DemoFailed(Exception):
    """The journey did not arrive. The message is French."""


def play(deliberation: Path | None, folder: Path) -> int:
    """Play the journey; the exit code. Results are in ``folder``, which is emptied first."""
    source = deliberation or SAMPLE
    try:
        content = source.read_bytes()
    except OSError as error:
        print(f"Le fichier {source} ne peut pas être lu ({type(error).__name__}).", file=sys.stderr)
        return 2
    _empty(folder)
    settings = on_free_ports(load(data_dir=folder / "stack", companies_url="off"))
    journey = Journey(settings, folder)
    try:
        with journey.step("Mise en route de la pile embarquée"):
            first_run.prepare(settings)
            stack = running(settings, journey.say)
            stack.__enter__()
        try:
            journey.run(content, source.name)
        finally:
            stack.__exit__(None, None, None)
    except (StackFailed, NoTemporalServer, DemoFailed, Refusal) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    journey.farewell()
    return 0


class Journey:
    """The steps, timed and told."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self._seconds: dict[str, float] = {}
        self._summary: dict[str, Any] = {}
        self._mailbox = Mailbox(settings.data_dir / "mails")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        print(f"\n{len(self._seconds)}. {title}", flush=True)
        start = time.monotonic()
        yield
        self._seconds[title] = round(time.monotonic() - start, 2)
        print(f"   fait en {self._seconds[title]:.1f} s", flush=True)

    def say(self, line: str) -> None:
        print(f"   {line}", flush=True)

    def run(self, content: bytes, name: str) -> None:
        """:raises Refusal: the portal refused a step that should have passed.
        :raises DemoFailed: the end is not what it should be.
        """
        settings = self._settings
        key = first_run.staff_key_file(settings).read_text("utf-8").strip()
        with Desk(settings.base_url, key) as desk:
            with self.step("Lecture de la délibération"):
                submission = desk.submit(content, name)
                convention = submission["conventions"][0]["convention_id"]
                act = self._tell_reading(desk.reading(convention), desk.view(convention))
                if len(submission["conventions"]) > 1:
                    self.say(
                        f"{len(submission['conventions'])} attributions : autant de conventions ;"
                        " la démonstration suit la première."
                    )
            with self.step("Le service juridique complète ce que la délibération ne dit pas"):
                for kind, entry in sample.powers(act):
                    desk.add_power(kind, entry)
                seen = desk.view(convention)
                award = {"beneficiary": seen["beneficiary"], "amount": seen["amount"]}
                if None in award.values():
                    raise DemoFailed(
                        "Le bénéficiaire ou le montant n'a pas été lu avec certitude : une personne doit le fixer dans"
                        " le portail (« make up »), la démonstration ne devine rien."
                    )
                desk.supply(convention, sample.supplied_facts(act, award, seen["award"]["ordinal"]))
                view = desk.wait(convention, lambda v: v["stage"] == "review" or _stopped(v))
                if view["stage"] != "review":
                    raise DemoFailed("\n".join(finding["message"] for finding in view["findings"]))
                draft = view["draft"]
                self.say(f"convention n° {view['convention_number']} : projet Word et PDF/A, {draft['pages']} pages")
            with self.step("Approbation de cette version exacte"):
                desk.approve(convention, draft["pdf"]["sha256"])
                self.say(f"empreinte approuvée {draft['pdf']['sha256'][:16]}…")
            with self.step("Envoi à la signature refusé tant que la délibération n'est pas exécutoire"):
                refusal = desk.refused_sending(convention)
                self.say(f"refusé [{refusal.code}] : {refusal.message}")
            with self.step("Preuve du caractère exécutoire, puis envoi"):
                desk.record_receipt(convention, sample.proof(act))
                desk.send(convention)
            people = sample.signatories(act)
            for role, title in (
                ("beneficiary", "Signature du représentant du bénéficiaire, par le lien reçu"),
                ("authority", "Signature de la collectivité, par le lien reçu"),
            ):
                with self.step(title):
                    signer = Signer(settings.base_url, self._mailbox, people[role]["email"])
                    for line in signer.sign():
                        self.say(line)
                    desk.wait(convention, _signed_by(role))
            with self.step("Contrôle des signatures, archivage, envoi des copies"):
                view = desk.wait(convention, lambda v: v["stage"] == "completed")
                self.say(f"archivée : {view['archive']['object_id']}, {view['archive']['version']}")
            self._collect(desk, convention, view)
        with self.step("Vérification du document archivé"):
            self._verify(view)
        self._write_summary(view)

    def _tell_reading(self, reading: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
        act: dict[str, Any] = reading["acts"][view["act_index"]]
        award = act["awards"][view["award"]["ordinal"] - 1]
        for label, fact in (
            ("numéro", act["number"]),
            ("séance", act["session_date"]),
            ("bénéficiaire", award["beneficiary"]),
            ("montant", award["amount"]),
            ("signataire autorisé", act["signing_authority"]),
        ):
            self.say(f"{label} : {fact['value']} ({STATUS[FactStatus(fact['status'])]})")
        for finding in act["findings"]:
            self.say(f"à noter : {finding['message']}")
        return act

    def _collect(self, desk: Desk, convention: str, view: dict[str, Any]) -> None:
        for kind, name in (
            ("docx", "convention.docx"),
            ("pdf", "convention.pdf"),
            ("signed", "convention-signed.pdf"),
            ("evidence", "evidence.json"),
        ):
            (self._folder / name).write_bytes(desk.document(convention, kind))
        shutil.copytree(self._settings.archive, self._folder / "archive")
        shutil.copytree(self._settings.data_dir / "mails", self._folder / "mails")

    def _verify(self, view: dict[str, Any]) -> None:
        verify_object(self._folder / "archive", view["archive"]["object_id"])
        signed = (self._folder / "convention-signed.pdf").read_bytes()
        report = verify(signed, verification_trust(self._settings))
        for verdict in report.signatures:
            self.say(f"{verdict.name} – {verdict.capacity} – niveau {verdict.level}")
        if report.conclusion is not Conclusion.VALID or len(report.signatures) != 2:
            raise DemoFailed("\n".join(report.sentences))
        approved = (self._folder / "convention.pdf").read_bytes()
        if signed[: len(approved)] != approved:
            raise DemoFailed("Le document signé ne commence pas par le document approuvé.")
        self.say("signatures valables, document approuvé inchangé, paquet d'archives conforme (OCFL)")
        self._summary["signatures"] = [
            {"name": v.name, "capacity": v.capacity, "level": v.level, "signed_at": _iso(v.signed_at)}
            for v in report.signatures
        ]

    def _write_summary(self, view: dict[str, Any]) -> None:
        self._summary |= {
            "deliberation_number": view["award"]["number"],
            "convention_number": view["convention_number"],
            "amount": view["amount"],
            "beneficiary": view["beneficiary"],
            "digests": {
                "deliberation": view["deliberation"]["sha256"],
                "docx": view["draft"]["docx"]["sha256"],
                "approved_pdf": view["draft"]["pdf"]["sha256"],
                "signed_pdf": view["signatures"][-1]["document"]["sha256"],
                "evidence": view["archive"]["evidence"]["sha256"],
            },
            "archive": {key: view["archive"][key] for key in ("object_id", "version", "path")},
            "mails": len(self._mailbox.names()),
            "seconds": self._seconds,
            "finished_at": _iso(datetime.now(UTC)),
        }
        text = json.dumps(self._summary, ensure_ascii=False, indent=2)
        (self._folder / "summary.json").write_text(text + "\n", "utf-8")

    def farewell(self) -> None:
        folder = self._folder
        print(
            f"\nTerminé en {sum(self._seconds.values()):.0f} s. Dans {folder}/ :\n"
            "  convention.docx          le projet, modifiable dans Word\n"
            "  convention.pdf           la version approuvée (PDF/A)\n"
            "  convention-signed.pdf    la même, avec ses deux signatures (certificats d'essai)\n"
            "  evidence.json            le dossier de preuve, enchaîné\n"
            f"  archive/                 le paquet OCFL : {self._summary['archive']['path']}\n"
            f"  mails/                   les {self._summary['mails']} messages envoyés (.eml)\n"
            "  summary.json             le résumé, pour un programme\n"
            f"\nPour ouvrir cette convention dans le portail :  make up DATA={self._settings.data_dir}\n"
            f"Pour vérifier le fichier signé :  PARAPHE_DATA_DIR={self._settings.data_dir}"
            f" .venv/bin/paraphe verify {folder}/convention-signed.pdf"
        )


def _empty(folder: Path) -> None:
    """Empty ``folder``, if it is one of ours."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "stack").exists():
        raise SystemExit(
            f"Le dossier {folder} n'est pas vide et ne vient pas d'une démonstration : choisissez-en un autre."
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _stopped(view: dict[str, Any]) -> bool:
    return any(finding["severity"] == "blocking" for finding in view["findings"])


def _signed_by(role: str) -> Callable[[dict[str, Any]], bool]:
    return lambda view: any(signature["role"] == role for signature in view["signatures"])


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None
