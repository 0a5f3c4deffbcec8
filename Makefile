# The two commands: `make demo` plays the whole journey, `make test` runs every check. Both set up what they need.
.DEFAULT_GOAL := help
PY := .venv/bin/python
DATA ?= var/paraphe
DELIBERATION ?=
CORPUS ?=
EXAMPLES ?=

.PHONY: help setup setup-test demo up test faults validate bench evaluate check lock clean

help:
	@echo "make demo                      la chaîne complète, de la délibération à l'archive (résultats dans var/demo/)"
	@echo "make demo DELIBERATION=chemin  la même chaîne avec votre délibération (PDF, DOCX ou texte)"
	@echo "make up [DATA=dossier]         le portail, sur http://127.0.0.1:8400"
	@echo "make test                      toutes les vérifications et tous les tests"
	@echo "make faults                    longue épreuve : tuer chaque processus à chaque point, et recommencer"
	@echo "make evaluate [CORPUS=dossier] ce que vaut la lecture, champ par champ, sur des textes lus par une personne"
	@echo "make validate                  les signatures, jugées par les bibliothèques DSS (Commission européenne) et veraPDF"
	@echo "make bench                     vitesse des signatures, à côté de pyHanko et de @signpdf/signpdf"
	@echo "make check                     format, lint et types seulement"

setup:
	@scripts/setup run

setup-test:
	@scripts/setup test

demo: setup
	@$(PY) -m service demo $(if $(DELIBERATION),"$(DELIBERATION)")

up: setup
	@PARAPHE_DATA_DIR="$(DATA)" $(PY) -m service up

check: setup-test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

test: check
	.venv/bin/pytest

faults: setup-test
	PARAPHE_FAULTS=long .venv/bin/pytest tests/faults -s --timeout 3600

evaluate: $(if $(EXAMPLES),setup-test,setup)
	@$(PY) -m service.evaluate $(if $(CORPUS),"$(CORPUS)")
	$(if $(EXAMPLES),PARAPHE_EXAMPLES=$(EXAMPLES) .venv/bin/pytest tests/activities/reading/test_drawn_deliberations.py --timeout 3600)

validate: setup-test
	@$(PY) scripts/validate/validate.py

bench: setup-test
	@$(PY) scripts/bench_signing.py

lock:
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --python-version 3.11 --universal -o requirements.lock
	uv pip compile pyproject.toml -c requirements.lock --generate-hashes --no-emit-index-url --python-version 3.11 --universal -o requirements-run.lock
	uv pip compile docker/build.in -c requirements.lock --generate-hashes --no-emit-index-url --python-version 3.11 --universal -o docker/build.lock

clean:
	rm -rf .venv .cache var .mypy_cache .ruff_cache .pytest_cache .hypothesis
