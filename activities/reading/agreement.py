"""Whether the places of an act that say the same thing agree. Where they do not, the fact is conflicting and shows
all of them: a person must look."""

import re
from datetime import date, datetime

from activities.reading.identity import Dated, in_letters
from activities.reading.parts import Parts, Span, Text
from activities.reading.profile import Profile
from activities.reading.spelled_dates import spelled_dates
from domain.convention import fold
from domain.deliberation import Act, ReceiptStamp
from domain.facts import Evidence, Fact, FactStatus

_DONE = r"(?:fait et delibere|ainsi (?:fait|delibere)|delibere en seance)[^§\n]{0,80}?(?:le|du) (?P<date>§+)"
_HELD = r"(?:s'est reunie?|se sont reunis|reuni en)[^§.]{0,160}? le (?P<date>§+)"
_TITLED = r"^\W{0,3}deliberation (?:n°|nº|no\.?)[^\n§]{1,30} du (?P<date>§+)\s*$"
_IDENTIFIER_DAY = re.compile(r"^\w{3}-\d{9}-(\d{4})(\d{2})(\d{2})(?!\d)")


def agreed(text: Text, parts: Parts, profile: Profile, act: Act) -> Act:
    """``act`` with its session, its number and its stamp compared with all the places that repeat them."""
    receipt = _possible(act.session_date, act.receipt)
    return act.model_copy(
        update={
            "session_date": _session(text, parts, act),
            "number": _number(text, parts, profile, act.number),
            "receipt": receipt,
        }
    )


def conflicting(fact: Fact, *evidence: Evidence) -> Fact:  # type: ignore[type-arg]
    """``fact``, contradicted there."""
    places = tuple(dict.fromkeys((*fact.evidence, *evidence)))[:8]
    return fact.model_copy(update={"status": FactStatus.CONFLICTING, "evidence": places})


def _session(text: Text, parts: Parts, act: Act) -> Fact[date]:
    fact = act.session_date
    day = fact.usable
    if day is None:
        return fact
    others: Dated = list(in_letters(text, parts.header))
    zones = ((parts.ending, _DONE), (parts.header, _HELD), (parts.header, _TITLED))
    for zone, rule in zones:
        for match in text.matches((rule,), zone):
            found = text.dates.get(match.start("date"))
            if found and found.value:
                others.append((found.value, text.raw_evidence(found)))
    if parts.operative:
        done = re.compile(r"(?:fait et delibere|ainsi (?:fait|delibere))[^\n]{0,80}\s*$").search
        for spelled in spelled_dates(text, parts.ending):
            if done(text.masked[max(0, spelled.span.start - 120) : spelled.span.start]):
                others.append((spelled.value, text.evidence(spelled.span)))
    stamped = _stamped(act.receipt.id)
    if stamped:
        others.append((stamped, act.receipt.id.evidence[0]))
    against = [evidence for value, evidence in others if value != day]
    return conflicting(fact, *against) if against else fact


def _stamped(identifier: Fact[str]) -> date | None:
    """The day of the act, as the identifier at the control of legality bears it."""
    match = _IDENTIFIER_DAY.match(identifier.usable or "")
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _number(text: Text, parts: Parts, profile: Profile, fact: Fact[str]) -> Fact[str]:
    """The number against those of the running headers, whatever page they stand on."""
    if fact.usable is None:
        return fact
    # The lines that begin as a title of the act does, with the same rule that gave the number.
    rule = next((r for r in profile["numbers"] if _gives(text, parts, r, fact)), None)
    if rule is None:
        return fact
    decided = parts.formula.start if parts.formula else parts.ending.start
    against = [
        text.evidence(Span(m.start("number"), m.end("number")))
        for m in text.matches((rule,), Span(parts.header.end, parts.ending.start))
        if fold(m["number"].strip("./- ")) != fold(fact.usable) and _runs(text, m, alone=m.start() < decided)
    ]
    return conflicting(fact, *against) if against else fact


def _gives(text: Text, parts: Parts, rule: str, fact: Fact[str]) -> bool:
    return any(
        fold(m["number"].strip("./- ")) == fold(fact.usable or "")
        for zone in (parts.header, parts.ending)
        for m in text.matches((rule,), zone)
    )


def _runs(text: Text, match: re.Match[str], *, alone: bool) -> bool:
    """Whether a number stands in a running header or footer: it begins its line as a title does; among the visas, which
    cite others, it must be all of it."""
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    if start and text.masked[start - 1] != "\n":
        return False
    line = text.masked[
        match.end() : text.masked.find("\n", match.end()) if "\n" in text.masked[match.end() :] else None
    ]
    return not line.strip() if alone else text.view.text[start : start + 1].isupper()


def _possible(session: Fact[date], stamp: ReceiptStamp) -> ReceiptStamp:
    """No act is sent, received or published before it is adopted: such a day is somebody's mistake."""
    day = session.usable
    if day is None:
        return stamp
    changed = {}
    for name in ("sent_at", "received_at", "published_at"):
        fact: Fact[datetime | date] = getattr(stamp, name)
        if fact.usable is not None and _day(fact.usable) < day:
            changed[name] = conflicting(fact, *session.evidence[:1])
    sent, received = stamp.sent_at.usable, stamp.received_at.usable
    if sent is not None and received is not None and _day(received) < _day(sent):
        changed["received_at"] = conflicting(stamp.received_at, *stamp.sent_at.evidence[:1])
    return stamp.model_copy(update=changed) if changed else stamp


def _day(value: datetime | date) -> date:
    return value.date() if isinstance(value, datetime) else value


def apart(acts: list[Act]) -> list[Act]:
    """Acts of one file, none of which bears the stamp of another."""
    numbers = [_compact(act.number.usable) for act in acts]
    checked = []
    for index, act in enumerate(acts):
        identifier = act.receipt.id.usable
        inside = re.sub(r"^\w{3}-\d{9}-\d{8}-?|-(?:DE|AR|AI|CC|BF|AU).*$", "", identifier or "", flags=re.IGNORECASE)
        stamped = _compact(inside)
        others = {number for rank, number in enumerate(numbers) if rank != index and number != numbers[index]}
        if identifier and len(stamped) > 2 and stamped != numbers[index] and stamped in others:
            receipt = ReceiptStamp(
                **{name: conflicting(getattr(act.receipt, name)) for name in ReceiptStamp.model_fields}
            )
            act = act.model_copy(update={"receipt": receipt})
        checked.append(act)
    return checked


def _compact(value: str | None) -> str:
    return re.sub(r"[^0-9A-Z]", "", fold(value or ""))
