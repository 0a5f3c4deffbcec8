"""The register of companies offline, after its OpenAPI description: invented bodies, a real server's tempers."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

SIREN = "130998875"
SIRET = "13099887500012"
OTHER = "13099887500020"
LA_POSTE = "35600000049837"


def unit(**changes: Any) -> dict[str, Any]:
    """A legal unit as ``/search`` describes it; the seat, and one more establishment."""
    seat = {
        "siret": SIRET,
        "adresse": "10 RUE DE L'EXEMPLE 13001 MARSEILLE",
        "code_postal": "13001",
        "commune": "13201",
        "est_siege": True,
        "etat_administratif": "A",
        "latitude": "43.29",
        "liste_enseignes": None,
    }
    return {
        "siren": SIREN,
        "nom_complet": "association exemple oeuvre (AEO)",
        "nom_raison_sociale": "ASSOCIATION EXEMPLE OEUVRE",
        "sigle": "AEO",
        "nombre_etablissements": 2,
        "etat_administratif": "A",
        "nature_juridique": "9220",
        "date_creation": "1991-01-01",
        "siege": seat,
        "matching_etablissements": [
            seat | {"siret": OTHER, "adresse": "1 QUAI NEUF 13002 MARSEILLE", "etat_administratif": "F"}
        ],
    } | changes


@dataclass
class StandIn:
    """What it knows, how it behaves, and what it was asked."""

    units: list[dict[str, Any]] = field(default_factory=lambda: [unit()])
    asked: list[dict[str, str]] = field(default_factory=list)
    refuse: tuple[int, dict[str, str]] | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    """Seconds between two bytes."""

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/search")
        async def search(request: Request) -> Response:
            query = dict(request.query_params)
            self.asked.append(query)
            if self.refuse is not None:
                status, headers = self.refuse
                return JSONResponse({"erreur": "Requête refusée."}, status, headers)
            if self.body is not None:
                return Response(self.body, media_type="application/json", headers=self.headers)
            if self.drip:
                return StreamingResponse(self._dripping(), media_type="application/json")
            found = [item for item in self.units if item["siren"] == query["q"][:9]]
            return JSONResponse(
                {"results": found, "total_results": len(found), "page": 1, "per_page": 5, "total_pages": 1}
            )

        return app

    async def _dripping(self) -> Any:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(self.drip)
