"""``paraphe up``: the whole stack of a single machine, for a person."""

import signal
import threading

from service import first_run
from service.settings import Settings
from service.stack import StackFailed, running
from service.temporal_server import NoTemporalServer


def serve(settings: Settings) -> int:
    """Serve until Ctrl-C; the exit code."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        first_run.prepare(settings)
        with running(settings, print):
            print(_welcome(settings), flush=True)
            stop.wait()
            print("\nArrêt en cours…", flush=True)
    except (StackFailed, NoTemporalServer) as failure:
        print(failure)
        return 1
    return 0


def _welcome(settings: Settings) -> str:
    key = first_run.staff_key_file(settings)
    return (
        f"\nParaphe est prêt (Ctrl-C pour arrêter ; l'état est gardé dans {settings.data_dir}).\n"
        f"  Portail    {settings.base_url}\n"
        f"  Clé        {key.read_text('utf-8').strip()}   (fichier {key})\n"
        f"  Messages   http://127.0.0.1:{settings.companion_port}   boîte aux lettres d'essai\n"
        "  Les signatures sont faites avec un certificat d'essai, sans valeur juridique."
    )
