"""What makes signatures last: the material for their validation in the file (B-LT), and a timestamp over all (B-LTA).

ETSI EN 319 142-1, 5.4 and 6.3. Material and timestamp go into one revision: the timestamp covers the material.
"""

import io
from collections.abc import Iterable, Sequence

from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from pyhanko_certvalidator.path import ValidationPath

from activities.signing.making import RESERVED
from activities.signing.revocation import chain
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import Trust, parsed

ARCHIVE_FIELD = "ArchiveTimestamp"
"""Name of the invisible field of the timestamp over the whole document."""

_TOOLTIP = "Horodatage d’archivage"


class MaterialMissing(Exception):
    """A certificate is unknown, revoked, or not covered by the revocation material at hand."""


async def make_last(
    pdf: bytes, since: int, trust: Trust, lists: tuple[bytes, ...], *, stamp: HttpTimestamper | None, required: bool
) -> bytes:
    """Embed what the signatures made since revision ``since`` need, and stamp the whole.

    :param stamp: asked for a timestamp over the document; None: none is made.
    :param required: without it, a certificate that the lists do not cover leaves the file as it is (B-T), for the
        judgement that follows to measure.
    :raises MaterialMissing: see ``required``.
    :raises TimestampOutage: see :mod:`activities.signing.timestamps`.
    :raises RevocationOutage: see :mod:`activities.signing.revocation`.
    """
    reader = PdfFileReader(io.BytesIO(pdf))
    made = [one for one in reader.embedded_regular_signatures if one.signed_revision >= since]
    signed = [part for one in made for part in _with_timestamps(one)]
    context = _context(trust, lists, signed)
    try:
        paths = {one: await _paths(_with_timestamps(one), context) for one in made}
    except (PathBuildingError, PathValidationError) as error:
        if required or stamp is not None:
            raise MaterialMissing from error
        return pdf
    writer = IncrementalPdfFileWriter.from_reader(reader)
    for one in made:
        # Filed under the signature (VRI), though the material may be there since an earlier one: validators such as
        # DSS only count what was written after the signature.
        contents = one.pkcs7_content.hex().encode()
        DocumentSecurityStore.supply_dss_in_writer(
            writer, contents, paths=paths[one], validation_context=context, embed_roots=False
        )
    if stamp is None:
        return _written(writer)
    out = io.BytesIO()
    noted = _Noted(stamp)
    stamping = PdfTimeStamper(noted, field_name=ARCHIVE_FIELD, readable_field_name=_TOOLTIP)
    await stamping.async_timestamp_pdf(writer, "sha256", bytes_reserved=RESERVED, output=out)
    known = {path.leaf.dump() for chains in paths.values() for path in chains if path.leaf}
    if noted.token is None or extract_certificate_info(noted.token).signer_cert.dump() in known:
        return out.getvalue()
    return await _with_material_of(noted.token, out.getvalue(), trust, lists)


class _Noted(TimeStamper):  # type: ignore[misc,unused-ignore]
    """Remembers the token that was given."""

    def __init__(self, asked: HttpTimestamper) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._asked = asked
        self.token: cms.SignedData | None = None

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        given = await self._asked.async_timestamp(message_digest, md_algorithm)
        self.token = given["content"]
        return given


async def _with_material_of(token: cms.SignedData, pdf: bytes, trust: Trust, lists: tuple[bytes, ...]) -> bytes:
    """The material of the archival timestamp too: it came from another authority than the signatures' own."""
    context = _context(trust, lists, [token])
    try:
        paths = await _paths([token], context)
    except (PathBuildingError, PathValidationError) as error:
        raise MaterialMissing from error
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    DocumentSecurityStore.supply_dss_in_writer(writer, None, paths=paths, validation_context=context, embed_roots=False)
    return _written(writer)


def _with_timestamps(embedded: EmbeddedPdfSignature) -> Iterable[cms.SignedData]:
    yield embedded.signed_data
    yield from extract_tst_data_iter(embedded.signer_info, signed=False)


async def _paths(signed: Iterable[cms.SignedData], context: ValidationContext) -> list[ValidationPath]:
    """The chains of the certificates that really signed and stamped, none of them revoked."""
    found = []
    for one in signed:
        certificates = extract_certificate_info(one)
        validator = CertificateValidator(
            parsed(certificates.signer_cert.dump()),
            intermediate_certs=[parsed(other.dump()) for other in certificates.other_certs],
            validation_context=context,
        )
        found.append(await validator.async_validate_usage(key_usage=set()))  # type: ignore[no-untyped-call]
    return found


def _context(trust: Trust, lists: tuple[bytes, ...], signed: Sequence[cms.SignedData]) -> ValidationContext:
    roots, intermediates = trust.root_certificates(), trust.intermediate_certificates()
    more: tuple[list[bytes], list[bytes]] = ([], [])
    if trust.online is not None:
        found = [extract_certificate_info(one) for one in signed]
        others = [certificate for one in found for certificate in one.other_certs]
        more = trust.online.about(chain([one.signer_cert for one in found], [*others, *intermediates, *roots]))
    return ValidationContext(
        trust_roots=roots,
        other_certs=intermediates,
        crls=[*lists, *more[0]],
        ocsps=more[1],
        revocation_mode="require",
        allow_fetching=False,
    )


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
