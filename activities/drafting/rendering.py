"""A template and facts in, a Word file out. The only place that knows docxtpl."""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from activities.drafting.language import FILTERS, clean
from activities.drafting.package import normalised
from domain.convention import DraftFacts
from domain.errors import Actor, DraftRefused

_UNDATED = datetime(1980, 1, 1, tzinfo=UTC)


def render(template: bytes, facts: DraftFacts) -> bytes:
    """The convention as a Word file: the same template and facts give the same bytes.

    Values are text and nothing else: neither XML, nor template tags, nor line breaks pass through them.

    :raises DraftRefused: ``template_unreadable``, ``template_undefined``, ``template_invalid``.
    """
    facts = cleaned(facts)
    # A template is edited by hand and may come from another authority: it runs without access to Python.
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    environment.filters |= FILTERS
    document = DocxTemplate(io.BytesIO(template))
    try:
        document.init_docx()
    except (OpcError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise _refused("template_unreadable", "Le modèle n'est pas un fichier Word (.docx) lisible.") from error
    try:
        # docxtpl escapes values only when it is asked to, and otherwise drops "&" in silence.
        document.render(_context(facts), environment, autoescape=True)
        _describe(document, facts)
        out = io.BytesIO()
        document.save(out)
    except SecurityError as error:
        raise _refused("template_invalid", "Le modèle contient une instruction interdite.") from error
    except UndefinedError as error:
        raise _refused("template_undefined", f"Le modèle emploie une valeur inconnue : {error.message}.") from error
    except TemplateSyntaxError as error:
        raise _refused("template_invalid", f"Le modèle contient une balise mal écrite : {error.message}.") from error
    except (TemplateError, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, SyntaxError) as error:
        # A tag runs code of ours and of Jinja on whatever its author wrote: any of these is the template's fault.
        raise _refused("template_invalid", f"Une balise du modèle ne peut pas être remplie : {error}.") from error
    return normalised(out.getvalue())


def cleaned(facts: DraftFacts) -> DraftFacts:
    """``facts`` with every text as it will be printed (see :func:`activities.drafting.language.clean`)."""
    printed = facts.model_dump(exclude={"sources"})
    return DraftFacts.model_validate(_cleaned(printed) | {"sources": facts.sources})


def _cleaned(value: Any) -> Any:
    if type(value) is str:
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_cleaned(item) for item in value)
    return value


def _context(facts: DraftFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in type(facts).model_fields if name != "sources"}


def _describe(document: DocxTemplate, facts: DraftFacts) -> None:
    supplied = [source.at for source in facts.sources.values() if source.at is not None]
    core = document.docx.core_properties
    core.title = f"Convention de subvention n° {facts.convention_number}"
    core.subject = f"Délibération n° {facts.deliberation.number}"
    core.author = facts.authority.name[:255]
    core.language = "fr-FR"
    core.last_modified_by = ""
    core.revision = 1
    core.created = core.modified = max(supplied, default=_UNDATED).astimezone(UTC).replace(microsecond=0)


def _refused(code: str, message: str) -> DraftRefused:
    return DraftRefused(code, message, next_actor=Actor.LEGAL_AFFAIRS)
