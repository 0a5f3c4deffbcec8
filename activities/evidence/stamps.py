"""Reading a timestamp kept beside what it dates: ``evidence.tsr``, the whole answer of an authority (RFC 3161)."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, tsp
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from activities.signing.certificates import common_name
from activities.signing.material import Material
from activities.signing.trust import RevocationOutage, Trust
from activities.signing.waiting import run

__all__ = ["Dated", "examine", "stamped_at"]


@dataclass(frozen=True)
class Dated:
    """What a timestamp proves."""

    at: datetime
    authority: str
    matches: bool
    """It is over the digest that was given."""
    intact: bool
    trusted: bool
    """By an authority that we trust, whose certificate was not revoked."""


def stamped_at(reply: bytes) -> datetime:
    """When it was made."""
    return _info(_token(reply))["gen_time"].native  # type: ignore[no-any-return]


def examine(reply: bytes, digest: str, trust: Trust, material: Material | None = None) -> Dated:
    """Judge ``reply`` against ``digest`` (SHA-256, hexadecimal).

    :param material: certificates and revocation lists that were kept with it, for when its own lists are gone.
    :raises ValueError: it is no timestamp.
    """
    token = _token(reply)
    info = _info(token)
    imprint = info["message_imprint"]
    matches = (imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native) == (
        "sha256",
        bytes.fromhex(digest),
    )
    signed = token["content"]
    over = imprint["hashed_message"].native
    found = run(lambda: _judged(signed, over, trust, material, require=True))
    if not found.trusted and not found.revoked:
        found = run(lambda: _judged(signed, over, trust, material, require=False))
    return Dated(
        at=info["gen_time"].native,
        authority=common_name(found.signing_cert),
        matches=matches,
        intact=found.intact and found.valid,
        trusted=found.trusted and not found.revoked,
    )


async def _judged(
    signed: cms.SignedData, imprint: bytes, trust: Trust, material: Material | None, *, require: bool
) -> TimestampSignatureStatus:
    try:
        lists = trust.revocation.lists()
    except RevocationOutage:
        lists = ()
    context = ValidationContext(
        trust_roots=trust.root_certificates(),
        other_certs=[*trust.intermediate_certificates(), *(material.certificates if material else ())],
        crls=[*lists, *(one.dump() for one in (material.lists if material else ()))],
        ocsps=list(material.answers) if material else [],
        revocation_mode="require" if require else "soft-fail",
        retroactive_revinfo=True,
        allow_fetching=False,
    )
    values = await validate_tst_signed_data(signed, context, lambda _algorithm: imprint)
    return TimestampSignatureStatus(**values)


def _token(reply: bytes) -> cms.ContentInfo:
    try:
        answer = tsp.TimeStampResp.load(reply, strict=True)
        if answer["status"]["status"].native not in {"granted", "granted_with_mods"}:
            raise ValueError("the timestamp was not granted")
        token = answer["time_stamp_token"]
        _ = _info(token)["gen_time"].native
        return token
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("not a timestamp") from error


def _info(token: cms.ContentInfo) -> tsp.TSTInfo:
    return token["content"]["encap_content_info"]["content"].parsed
