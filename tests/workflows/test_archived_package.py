"""The package of a convention that was really signed: whole, readable by a court, and every change to it is named."""

import asyncio
import io
import json
import subprocess
from pathlib import Path

import pikepdf
import pytest
from world import Shared, world

from activities.archive.package import EVIDENCE, HISTORY, READABLE, SCHEMA, SIGNED, SUMS, TIMESTAMP
from activities.evidence.checking import check, load
from activities.signing.verification import verify
from domain.dossier import EvidenceFile, schema
from domain.verification import Conclusion, Level, Verdict
from service.replay import check_replay, compare, relive
from service.verify import archived_copy, verify_file, verify_package
from workflows.deliberation import workflow_id

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice]


async def test_a_signed_convention_leaves_a_package_that_proves_itself_and_hides_no_change(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        await paraphe.complete(convention)
        await paraphe.client.get_workflow_handle(workflow_id(convention)).result()
        trust = paraphe.parts.signing.trust
        [content] = paraphe.settings.archive.glob("**/v1/content")
        report = await asyncio.to_thread(verify_package, content.parent.parent, trust)
        assert report.conclusion is Conclusion.VALID, report.faults
        assert {one.about for one in report.checks} >= {READABLE, EVIDENCE, TIMESTAMP, SIGNED, SUMS, HISTORY}
        assert report.signed is not None
        assert {one.level for one in report.signed.signatures} == {Level.B_LTA}
        files = load(content)
        assert files is not None
        evidence = EvidenceFile.model_validate_json(files[EVIDENCE])

        said = [entry.event.kind for entry in evidence.entries]
        assert said.count("code_verified") == said.count("signature_accepted") == said.count("signed") == 2
        assert said[-1] == "dossier_closed"
        assert {message.kind for message in evidence.messages} == {"request", "code"}
        assert all(message.smtp_reply.startswith("250") for message in evidence.messages)
        assert all(one.code_verified_at and one.spent_at for one in evidence.identifications)
        assert json.loads(files[SCHEMA]) == schema()

        _readable(files[READABLE], evidence)
        _dated_for_common_tools(files, evidence, paraphe.settings.keys / "pki", tmp_path)
        for name in files:
            await _every_change_is_named(files, name, trust)
        await _a_rewritten_story_is_noticed(files, evidence)

        copy = await asyncio.to_thread(verify_file, files[SIGNED], paraphe.settings, trust)
        assert copy.archived == archived_copy(paraphe.parts.register, copy.sha256)
        assert copy.archived is not None
        assert copy.archived.convention_number == evidence.convention_number
        draft = await asyncio.to_thread(verify_file, files["convention.pdf"], paraphe.settings, trust)
        assert (draft.archived, draft.archive_consulted) == (None, True)


def _readable(pdf: bytes, evidence: EvidenceFile) -> None:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang) == "fr"
        assert set(document.attachments) == {EVIDENCE, TIMESTAMP}
        fonts = [
            o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all({"/FontFile2", "/FontFile3"} & set(font.keys()) for font in fonts)
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    plain = " ".join(text.split())
    for signature in evidence.signatures:
        assert signature.signatory.person.full_name in plain
    assert evidence.convention_number in plain
    for words in (
        "Les signatures",
        "Ce qui s’est passé",
        "Comment contrôler ce dossier",
        "Signée par les deux parties",
    ):
        assert words in plain


def _dated_for_common_tools(files: dict[str, bytes], evidence: EvidenceFile, pki: Path, folder: Path) -> None:
    (folder / "evidence.tsr").write_bytes(files[TIMESTAMP])
    options = ("-CAfile", str(pki / "root.pem"), "-untrusted", str(pki / "issuing.pem"))
    command = ("openssl", "ts", "-verify", "-digest", evidence.last_digest, "-in", str(folder / "evidence.tsr"))
    assert subprocess.run([*command, *options], capture_output=True, check=False).returncode == 0
    command = ("openssl", "ts", "-verify", "-digest", "00" * 32, "-in", str(folder / "evidence.tsr"))
    assert subprocess.run([*command, *options], capture_output=True, check=False).returncode != 0


async def _every_change_is_named(files: dict[str, bytes], name: str, trust) -> None:  # type: ignore[no-untyped-def]
    """A byte at the beginning, in the middle and near the end; then the file missing."""
    for place in (0, len(files[name]) // 2, len(files[name]) - 3):
        changed = bytearray(files[name])
        changed[place] ^= 1
        found = await asyncio.to_thread(check, files | {name: bytes(changed)}, trust, lambda pdf: verify(pdf, trust))
        blamed = {one.about for one in found.checks if one.verdict is Verdict.BAD}
        assert name in blamed, (name, place, blamed)
    without = {one: content for one, content in files.items() if one != name}
    found = await asyncio.to_thread(check, without, trust, lambda pdf: verify(pdf, trust))
    assert name in {one.about for one in found.checks if one.verdict is Verdict.BAD}


async def _a_rewritten_story_is_noticed(files: dict[str, bytes], evidence: EvidenceFile) -> None:
    """Even where somebody made every digest again: the decisions, relived, do not tell that story."""
    relived = await asyncio.to_thread(relive, files[HISTORY], evidence.convention_id)
    assert [one.verdict for one in compare(relived, evidence, HISTORY)] == [Verdict.GOOD]
    lines = list(evidence.entries)
    other = lines[3].event.model_copy(update={"actor": lines[3].event.actor.model_copy(update={"name": "Un autre"})})
    lines[3] = lines[3].model_copy(update={"event": other})
    rewritten = evidence.model_copy(update={"entries": tuple(lines)})
    [fault] = compare(relived, rewritten, HISTORY)
    assert fault.verdict is Verdict.BAD
    assert "auteur" in fault.sentence
    shortened = evidence.model_copy(update={"entries": tuple(lines[:2])})
    assert "Il manque" in compare(relived, shortened, HISTORY)[0].sentence
    dearer = evidence.model_copy(update={"amount": "500000.00"})
    assert "le montant" in compare(relived, dearer, HISTORY)[0].sentence
    history = files[HISTORY].replace(b'"send_mail"', b'"seal_wax"', 1)
    assert (await asyncio.to_thread(check_replay, history, evidence, HISTORY))[0].verdict is Verdict.BAD
