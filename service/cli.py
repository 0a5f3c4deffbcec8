"""``paraphe``: the command line. Imports wait for the command that needs them, so that each starts fast."""

import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

app = typer.Typer(
    name="paraphe",
    help="De la délibération à la convention de subvention signée et archivée.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Sortie JSON, pour un programme.")]
Url = Annotated[str, typer.Option(envvar="PARAPHE_BASE_URL", help="Adresse du portail.")]
Key = Annotated[
    Path | None, typer.Option("--key-file", envvar="PARAPHE_STAFF_KEY_FILE", help="Fichier de la clé d'accès.")
]
PORTAL = "http://127.0.0.1:8400"


def main() -> None:
    """Run the command, and say a refusal in one French line."""
    from domain.errors import ParapheError

    _log()
    try:
        app()
    except ParapheError as refusal:
        _refuse(refusal.code, refusal.message)


@app.command()
def read(file: Path, as_json: AsJson = False) -> None:
    """Lire une délibération : les faits, chacun avec la phrase d'où il vient."""
    from activities.reading import read_document

    reading = read_document(_content(file), file.name)
    if as_json:
        print(reading.model_dump_json(by_alias=True, indent=2))
        return
    from service.reading_text import as_text

    print(as_text(reading))


@app.command()
def verify(
    target: Annotated[Path, typer.Argument(help="PDF signé, ou dossier archivé.")],
    as_json: AsJson = False,
    replay: Annotated[bool, typer.Option(help="Rejouer l'historique d'un dossier archivé.")] = True,
    trust_root: Annotated[
        list[Path] | None, typer.Option(help="Certificat d'une autorité à laquelle se fier (PEM) ; répétable.")
    ] = None,
) -> None:
    """Vérifier un PDF signé ou un dossier archivé, sans serveur.

    Code de sortie : 0, tout est valable ; 1, modifié, non signé ou illisible ; 2, rien à examiner ; 3, rien n'est
    rompu, mais tout n'a pas pu être vérifié.
    """
    from service import verify as verification
    from service.settings import load

    settings = load()
    trust = verification.trust_for(settings, tuple(trust_root or ()))
    if target.is_dir():
        package = verification.verify_package(target, trust, replayed=replay)
        print(package.model_dump_json(indent=2) if as_json else verification.text_of_package(package))
        raise typer.Exit(verification.exit_code(package.conclusion))
    report = verification.verify_file(_content(target), settings, trust)
    print(report.model_dump_json(indent=2) if as_json else verification.text_of(report))
    raise typer.Exit(verification.exit_code(report.conclusion))


@app.command()
def demo(
    deliberation: Annotated[Path | None, typer.Argument(help="PDF, DOCX ou texte ; sinon notre exemple.")] = None,
    folder: Annotated[Path, typer.Option(help="Où poser les résultats.")] = Path("var/demo"),
) -> None:
    """Jouer toute la chaîne sur cette machine, de la délibération à l'archive."""
    from service.demo import play

    raise typer.Exit(play(deliberation, folder))


@app.command()
def up() -> None:
    """Servir le portail et tout ce qu'il lui faut, sur cette machine, jusqu'à Ctrl-C."""
    from service.settings import load
    from service.up import serve

    raise typer.Exit(serve(load()))


@app.command()
def worker() -> None:
    """Exécuter les conventions (processus Temporal)."""
    import asyncio

    from service.settings import load
    from service.worker import run

    asyncio.run(run(load()))


@app.command()
def portal() -> None:
    """Servir les pages et l'API."""
    import asyncio

    from service.portal import run
    from service.settings import load

    asyncio.run(run(load()))


@app.command(hidden=True)
def companions() -> None:
    """Servir la boîte aux lettres et l'horodatage d'essai."""
    import asyncio

    from service.companions import run
    from service.settings import load

    asyncio.run(run(load()))


@app.command("temporal-server")
def temporal_server() -> None:
    """Trouver, télécharger ou construire le serveur Temporal, une fois pour toutes."""
    from service.temporal_server import NoTemporalServer, ensure_binary

    try:
        ensure_binary(lambda line: print(line, file=sys.stderr))
    except NoTemporalServer as error:
        _refuse("no_temporal_server", str(error))


@app.command()
def submit(file: Path, url: Url = PORTAL, key_file: Key = None, as_json: AsJson = False) -> None:
    """Déposer une délibération sur le portail."""
    with file.open("rb") as content:
        answer = _call("POST", f"{url}/api/v1/deliberations", key_file, files={"file": (file.name, content)})
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for convention in answer["conventions"]:
        state = "déjà ouverte" if convention["existing"] else "ouverte"
        print(f"Convention {state} : {url}/conventions/{convention['convention_id']}")


@app.command()
def status(
    convention: Annotated[str | None, typer.Argument(help="Identifiant ; sinon toutes.")] = None,
    url: Url = PORTAL,
    key_file: Key = None,
    as_json: AsJson = False,
) -> None:
    """Où en sont les conventions."""
    from domain.lifecycle import LABELS, Stage

    path = f"/conventions/{convention}" if convention else "/conventions"
    answer = _call("GET", f"{url}/api/v1{path}", key_file)
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    rows: list[dict[str, Any]] = answer if isinstance(answer, list) else answer.get("conventions", [answer])
    for row in rows:
        attention = f"  ! {row['attention']}" if row.get("attention") else ""
        print(f"{row['convention_id']}  {LABELS[Stage(row['stage'])]:32}  {row.get('title', '')}{attention}")


@app.command("staff-key")
def staff_key(identifier: str, name: str) -> None:
    """Donner une clé d'accès à une personne du service (affichée une seule fois)."""
    from service.first_run import add_staff
    from service.settings import load

    print(add_staff(load(), identifier, name))


def _call(method: str, url: str, key_file: Path | None, **options: Any) -> Any:
    import httpx

    from service.settings import load

    path = key_file or load().keys / "staff-key"
    try:
        key = path.read_text("utf-8").strip()
    except OSError:
        _refuse("no_key", f"La clé d'accès {path} ne peut pas être lue : donnez --key-file.")
    try:
        answer = httpx.request(method, url, headers={"Authorization": f"Bearer {key}"}, timeout=180, **options)
    except httpx.HTTPError as error:
        _refuse("unreachable", f"Le portail {url} ne répond pas ({type(error).__name__}). Lancez « make up ».")
    if answer.is_success:
        return answer.json()
    try:
        problem = answer.json()
        _refuse(problem["code"], problem["message"])
    except (ValueError, KeyError):
        _refuse("unexpected_answer", f"Réponse inattendue du portail ({answer.status_code}).")


def _content(file: Path) -> bytes:
    from activities.reading.limits import Limits
    from domain.errors import UnreadableDocument

    try:
        if file.stat().st_size > Limits().size:
            raise UnreadableDocument(
                "too_large", f"Le fichier dépasse la limite de {Limits().size // 1024**2} Mo : il n'est pas lu."
            )
        return file.read_bytes()
    except OSError as error:
        _refuse("no_file", f"Le fichier {file} ne peut pas être lu ({type(error).__name__}).")


def _refuse(code: str, message: str) -> NoReturn:
    print(f"{message} [{code}]", file=sys.stderr)
    sys.exit(2)


def _log() -> None:
    """Set logging up before any library does: one of them would otherwise turn everybody's chatter on."""
    logging.basicConfig(
        level=os.environ.get("PARAPHE_LOG_LEVEL", "WARNING").upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # httpx logs whole addresses: those of signing links, and of timestamp authorities, carry secrets.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # The embedded catcher logs every recipient.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
