"""Have signed files judged by two validators that are not ours: DSS (European Commission) and veraPDF.

    python scripts/validate/validate.py                     the samples, made for the occasion
    python scripts/validate/validate.py ROOT.pem FILE.pdf…  these files, ROOT.pem being whom to trust

Java and Maven are needed; the libraries are fetched once, into the user's cache.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FETCH_SECONDS = 600
JUDGE_SECONDS = 300


class NoValidators(Exception):
    """Java or Maven is not on this machine, or the libraries cannot be fetched. The message says it in French."""


@dataclass(frozen=True)
class Expected:
    """What a sample must be found to be."""

    fields: tuple[str, ...]
    """Signed, in order; the first certifies."""
    level: str
    stamped: bool
    """A timestamp covers the whole document."""


EXPECTED = {
    "approuvee": Expected((), "", stamped=False),
    "premiere-signature-intermediaire": Expected(("Beneficiary",), "PAdES-BASELINE-LT", stamped=False),
    "premiere-signature-finale": Expected(("Beneficiary", "Authority"), "PAdES-BASELINE-LTA", stamped=True),
    "cachet-intermediaire": Expected(("Certification", "Beneficiary"), "PAdES-BASELINE-LT", stamped=False),
    "cachet-finale": Expected(("Certification", "Beneficiary", "Authority"), "PAdES-BASELINE-LTA", stamped=True),
}


def libraries() -> Path:
    """The folder of the validators' libraries, fetched at first and whenever ``pom.xml`` changes.

    :raises NoValidators:
    """
    java, maven = shutil.which("java"), shutil.which("mvn")
    pom = HERE / "pom.xml"
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "paraphe" / "validators"
    kept = base / hashlib.sha256(pom.read_bytes()).hexdigest()[:16]
    if java is None:
        raise NoValidators("Java n'est pas installé (paquet Debian default-jdk-headless).")
    if kept.exists():
        return kept
    if maven is None:
        raise NoValidators("Maven n'est pas installé (paquet Debian maven).")
    base.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=base))
    try:
        done = subprocess.run(
            [maven, "-B", "-q", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={fresh}"],
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
        if done.returncode:
            raise NoValidators(f"Les bibliothèques n'ont pas pu être obtenues par Maven :\n{done.stdout[-2000:]}")
        try:
            # A rename is atomic: two first runs at once end with one whole folder.
            fresh.rename(kept)
        except OSError:
            if not kept.exists():
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return kept


def judge(root: Path, files: list[Path]) -> dict[str, dict[str, Any]]:
    """What both validators say of each file, by the file's stem.

    :param root: PEM of the authority to trust.
    :raises NoValidators:
    """
    command = ["java", "-Xmx1g", "-cp", f"{libraries()}/*", str(HERE / "Validate.java"), str(root), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=JUDGE_SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"the validators failed:\n{done.stderr[-4000:]}")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return {Path(one["file"]).stem: one for one in found}


def complaints(found: dict[str, Any]) -> list[str]:
    """All that a validator objects to, whatever was expected."""
    said = [] if found["compliant"] else [f"PDF/A-{found['flavour']} : {text}" for text in found["failures"]]
    for one in found["signatures"]:
        if one["indication"] != "TOTAL_PASSED":
            said.append(f"{one['field']} : {one['indication']} {one['subindication']} {' ; '.join(one['errors'])}")
        said += [f"{one['field']} : {text}" for text in one["warnings"]]
    for one in found["timestamps"]:
        if one["indication"] != "PASSED":
            said.append(f"{one['type']} : {one['indication']} {' ; '.join(one['errors'])}")
    return said


def differences(found: dict[str, Any], expected: Expected) -> list[str]:
    """How a sample is not what it must be; none when all is well."""
    said = complaints(found)
    if found["flavour"] != "2b":
        said.append(f"déclaré PDF/A-{found['flavour']}")
    fields = tuple(one["field"] for one in found["signatures"])
    if fields != expected.fields:
        said.append(f"signatures trouvées : {', '.join(fields) or 'aucune'}")
    said += [
        f"{one['field']} : {one['level']} au lieu de {expected.level}"
        for one in found["signatures"]
        if one["level"] != expected.level
    ]
    certifying = tuple(one["field"] for one in found["signatures"] if one["certifies"])
    if certifying != expected.fields[:1]:
        said.append(f"certifié par : {', '.join(certifying) or 'rien'}")
    if any(one["covers_document"] for one in found["timestamps"]) is not expected.stamped:
        said.append("l'horodatage du document manque, ou n'était pas attendu")
    return said


def _main(arguments: list[str]) -> int:
    try:
        libraries()
    except NoValidators as missing:
        print(f"Validation impossible ici : {missing}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        if arguments:
            root, files = Path(arguments[0]), [Path(name) for name in arguments[1:]]
        else:
            sys.path.insert(0, str(HERE))
            import samples

            pki, made = samples.make(Path(folder))
            root, files = pki.root, list(made.values())
        found = judge(root, files)
    faults = 0
    for name, one in found.items():
        said = complaints(one) if arguments else differences(one, EXPECTED[name])
        faults += bool(said)
        print(f"{'✗' if said else '✓'} {name} : PDF/A-{one['flavour']}{'' if one['compliant'] else ' NON CONFORME'}")
        for signature in one["signatures"]:
            print(f"    {signature['field']} : {signature['indication']}, {signature['level']}")
        for text in said:
            print(f"    ! {text}")
    print("DSS et veraPDF : " + ("rien à redire." if not faults else f"{faults} fichier(s) en défaut."))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
