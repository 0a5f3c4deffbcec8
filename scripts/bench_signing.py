"""How long a signature takes: pyHanko as it comes, ours, and ``@signpdf/signpdf`` for a plain signature.

    python scripts/bench_signing.py [--runs 15] [--without-npm]

Runs alternate, on the same file and machine, with the same keys and the same timestamp authority over HTTP. What is
compared is making the signature; the checks that follow (ours only) are told apart, as the full act.
"""

import argparse
import io
import json
import logging
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.font.opentype import GlyphAccumulatorFactory
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext

sys.path.insert(0, str(Path(__file__).parent / "validate"))

import samples

from activities.signing import hexadecimal
from activities.signing.fonts import SYSTEM_TYPEFACES
from activities.signing.making import Turn, signed_in
from activities.signing.sealing import lasting, sign
from activities.signing.signer import Pkcs12Signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import Trust
from activities.signing.waiting import run
from domain.convention import Role
from domain.verification import Level
from service.devpki import MARK, DevPki, ensure

FIELD = "Beneficiary"
MENTION = samples.MENTIONS[Role.BENEFICIARY]
NPM = ("@signpdf/signpdf@3.3.0", "@signpdf/signer-p12@3.3.0", "@signpdf/placeholder-plain@3.3.0")
PLAIN = """
const {SignPdf} = require("@signpdf/signpdf");
const {P12Signer} = require("@signpdf/signer-p12");
const {plainAddPlaceholder} = require("@signpdf/placeholder-plain");
const fs = require("fs");
const [pdf, p12, passphrase, runs] = process.argv.slice(2);
(async () => {
  const times = [];
  for (let n = 0; n < Number(runs) + 2; n++) {
    const start = process.hrtime.bigint();
    const pdfBuffer = plainAddPlaceholder({
      pdfBuffer: fs.readFileSync(pdf), reason: "essai", contactInfo: "", name: "essai", location: "",
      signatureLength: 16384,
    });
    await new SignPdf().sign(pdfBuffer, new P12Signer(fs.readFileSync(p12), {passphrase}));
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  console.log(JSON.stringify(times.slice(2)));
})();
"""


@dataclass(frozen=True)
class Seal:
    """A key to sign with, as a file."""

    name: str
    path: Path
    passphrase: str


def p256_seal(pki: DevPki, folder: Path) -> Seal:
    """A seal with an elliptic curve key, under the development authority."""
    issuer = pyca.load_pem_x509_certificate(pki.issuing.read_bytes())
    by = serialization.load_pem_private_key((pki.folder / "issuing.key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    usage = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign"), False)
    usage |= dict.fromkeys(("crl_sign", "encipher_only", "decipher_only"), False)
    certificate = (
        pyca.CertificateBuilder()
        .subject_name(pyca.Name([pyca.NameAttribute(NameOID.COMMON_NAME, f"Cachet P-256 – {MARK}")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(pyca.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(pyca.KeyUsage(digital_signature=True, content_commitment=True, **usage), True)
        .sign(by, hashes.SHA256())  # type: ignore[arg-type]
    )
    path = folder / "p256.p12"
    protection = serialization.BestAvailableEncryption(b"essai")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"cachet", key, certificate, [issuer], protection))
    return Seal("P-256", path, "essai")


class Stock:
    """pyHanko as its documentation has it: an embedded font, PAdES, nothing reserved, nothing kept aside."""

    def __init__(self, seal: Seal, trust: Trust, lists: tuple[bytes, ...], url: str) -> None:
        signer = SimpleSigner.load_pkcs12(str(seal.path), passphrase=seal.passphrase.encode())
        if signer is None:
            raise SystemExit("pyHanko does not read the seal")
        self._signer = signer
        self._trust = trust
        self._lists = lists
        self._url = url

    def make(self, pdf: bytes, level: Level) -> bytes:
        context = ValidationContext(
            trust_roots=self._trust.root_certificates(),
            other_certs=self._trust.intermediate_certificates(),
            crls=list(self._lists),
            revocation_mode="require",
            allow_fetching=False,
        )
        lasts = level.reaches(Level.B_LT)
        metadata = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            name=MENTION.name,
            reason=MENTION.ground,
            certify=True,
            docmdp_permissions=MDPPerm.FILL_FORMS,
            subfilter=SigSeedSubFilter.PADES,
            embed_validation_info=lasts,
            use_pades_lta=level is Level.B_LTA,
            validation_context=context if lasts else None,
        )
        font = GlyphAccumulatorFactory(str(SYSTEM_TYPEFACES[0].regular), font_size=8)
        lines = (MENTION.name, MENTION.capacity_line, MENTION.ground, "%(ts)s")
        style = TextStampStyle(stamp_text="\n".join(lines), text_box_style=TextBoxStyle(font=font))
        stamps = HTTPTimeStamper(self._url) if level is not Level.B_B else None
        out = PdfSigner(metadata, self._signer, timestamper=stamps, stamp_style=style).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), existing_fields_only=True
        )
        return bytes(out.getbuffer())


class Ours:
    """The very functions that production calls."""

    def __init__(self, seal: Seal, trust: Trust, timestamper: HttpTimestamper) -> None:
        self.signer = Pkcs12Signer(seal.path, seal.passphrase)
        self._trust = trust
        self._timestamper = timestamper

    def make(self, pdf: bytes, level: Level) -> bytes:
        turn = Turn(first=True, last=level is Level.B_LTA, revisions=2)
        stamps = self._timestamper if level is not Level.B_B else None
        content = run(lambda: signed_in(pdf, FIELD, MENTION, self.signer, stamps, turn=turn))
        return lasting(content, turn, level, self._timestamper, self._trust) if level.reaches(Level.B_LT) else content


def timed(make: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    make()
    return (time.perf_counter() - start) * 1000


def told(times: list[float]) -> str:
    return f"{min(times):7.1f} {statistics.median(times):7.1f}"


def compare(seal: Seal, pdf: bytes, pki: DevPki, trust: Trust, runs: int) -> None:
    with samples.timestamp_server(pki) as url:
        timestamper = HttpTimestamper([url], trust=trust)
        stock, ours = Stock(seal, trust, trust.revocation.lists(), url), Ours(seal, trust, timestamper)
        print(
            f"\n{seal.name:22} {'pyHanko':>15} {'Paraphe':>15}   rapport\n"
            f"{'':22} {'min     méd.':>15} {'min     méd.':>15}"
        )
        for level in Level:
            taken: dict[str, list[float]] = {"stock": [], "ours": []}
            for n in range(runs + 1):
                hexadecimal.uninstall()
                plain = timed(lambda level=level: stock.make(pdf, level))  # type: ignore[misc]
                hexadecimal.install()
                quick = timed(lambda level=level: ours.make(pdf, level))  # type: ignore[misc]
                if n:  # the first run of each warms up
                    taken["stock"].append(plain)
                    taken["ours"].append(quick)
            ratio = statistics.median(taken["stock"]) / statistics.median(taken["ours"])
            print(f"  {level.value:20} {told(taken['stock'])} {told(taken['ours'])}   {ratio:5.1f} ×")
        acts: dict[str, list[float]] = {"B-LT": [], "B-LTA": []}
        for _ in range(runs):
            content = pdf
            for role, level_reached in ((Role.BENEFICIARY, "B-LT"), (Role.AUTHORITY, "B-LTA")):
                start = time.perf_counter()
                content = sign(
                    content,
                    samples.PLACES[role].field,
                    samples.MENTIONS[role],
                    signer=ours.signer,
                    timestamper=timestamper,
                    trust=trust,
                ).content
                acts[level_reached].append((time.perf_counter() - start) * 1000)
        for name, times in acts.items():
            print(f"  acte entier, {name:7} {'':15} {told(times)}   (signer, valider, comparer)")
        timestamper.close()


def plain_npm(pdf: bytes, seal: Seal, pki: DevPki, trust: Trust, runs: int) -> None:
    """``@signpdf/signpdf``, and ours at B-B: no timestamp, no material; npm's leaves no appearance either."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("\n@signpdf/signpdf : non mesuré (node et npm ne sont pas sur cette machine)")
        return
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "paraphe" / "signpdf"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "@signpdf" / "placeholder-plain").exists():
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *NPM, "node-forge"]
        if subprocess.run(command, capture_output=True, timeout=300, check=False).returncode:
            print("\n@signpdf/signpdf : non mesuré (npm ne l'a pas obtenu)")
            return
    (folder / "plain.js").write_text(PLAIN)
    (folder / "essai.pdf").write_bytes(pdf)
    command = [node, "plain.js", "essai.pdf", str(seal.path), seal.passphrase, str(max(2, runs // 3))]
    ours = Ours(seal, trust, HttpTimestamper(["http://127.0.0.1:9/"]))
    ours.make(pdf, Level.B_B)
    theirs: list[float] = []
    mine: list[float] = []
    for _ in range(3):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            print(f"\n@signpdf/signpdf : non mesuré ({done.stderr.strip().splitlines()[-1:]})")
            return
        theirs += json.loads(done.stdout)
        mine += [timed(lambda: ours.make(pdf, Level.B_B)) for _ in range(max(2, runs // 3))]
    ratio = statistics.median(theirs) / statistics.median(mine)
    print(f"\nSignature simple (B-B), {seal.name}")
    print(f"  @signpdf/signpdf     {told(theirs)}")
    print(f"  Paraphe              {told(mine)}   {ratio:5.1f} ×")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--without-npm", action="store_true")
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # pyHanko and fontTools tell of each font and each list, at each signature
    pdf = samples.approved_convention()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pki = ensure(folder / "authorities")
        trust = samples.trust_of(pki)
        rsa = Seal("RSA-3072", pki.seal, pki.seal_passphrase)
        print(f"Convention d'essai de {len(pdf) // 1024} Ko ; millisecondes ; {options.runs} mesures alternées")
        for seal in (rsa, p256_seal(pki, folder)):
            compare(seal, pdf, pki, trust, options.runs)
        if not options.without_npm:
            plain_npm(pdf, rsa, pki, trust, options.runs)


if __name__ == "__main__":
    main()
