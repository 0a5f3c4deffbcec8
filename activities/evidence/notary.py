"""Who vouches for the evidence: the seal on the readable file, and a timestamp on the head of the chain (RFC 3161)."""

import io
from dataclasses import dataclass
from typing import Protocol

from asn1crypto import tsp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError, PdfWriteError
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_byterange import BuildProps

from activities.signing.lasting import MaterialMissing, make_last
from activities.signing.making import APPLICATION, RESERVED
from activities.signing.sealing import require_valid
from activities.signing.signer import Signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import NoLists, Trust
from activities.signing.waiting import run
from domain.errors import SignatureRefused
from domain.verification import EVIDENCE_FIELD, Level

_NAME = "Cachet du service"
_REASON = "Dossier de preuve d’une convention"
_TOOLTIP = "Cachet du dossier de preuve"


class Notary(Protocol):
    """What the archive needs of it. Nothing is archived without (invariant 7)."""

    def timestamp(self, digest: str) -> bytes:
        """A TimeStampResp (DER) on ``digest``, a SHA-256.

        :raises TimestampOutage: none can be had now.
        """
        ...

    def seal(self, pdf: bytes) -> bytes:
        """``pdf`` with our seal, which allows no change but proofs of validation."""
        ...


@dataclass(frozen=True)
class ServiceNotary:
    """By the service's own seal and timestamp authorities."""

    signer: Signer
    timestamper: HttpTimestamper
    trust: Trust
    level: Level = Level.B_LTA
    """What the seal must reach."""

    def timestamp(self, digest: str) -> bytes:
        token = self.timestamper.timestamp(bytes.fromhex(digest), "sha256")
        # The whole answer, and not its token alone: it is what common tools read (openssl ts -verify -in).
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def seal(self, pdf: bytes) -> bytes:
        """See :class:`Notary`.

        :raises SignatureRefused: it could not be sealed, or the result does not validate at the level that is asked.
        :raises TimestampOutage, RevocationOutage: nothing is sealed with less.
        """
        lists = self.trust.revocation.lists()

        async def steps() -> bytes:
            sealed = await self._sealed(pdf)
            stamp = self.timestamper if self.level is Level.B_LTA else None
            if not lists:
                return sealed
            return await make_last(sealed, 0, self.trust, lists, stamp=stamp, required=self.level.reaches(Level.B_LT))

        try:
            sealed = run(steps)
        except MaterialMissing as error:
            raise SignatureRefused(
                "signature_invalid",
                "Le certificat du cachet, ou celui de l’horodatage, n’est pas reconnu ou manque dans les listes de"
                " révocation : le dossier de preuve n’est pas scellé.",
            ) from error
        require_valid(sealed, self.trust, EVIDENCE_FIELD, self.level)
        return sealed

    async def _sealed(self, pdf: bytes) -> bytes:
        metadata = PdfSignatureMetadata(
            field_name=EVIDENCE_FIELD,
            md_algorithm="sha256",
            name=_NAME,
            reason=_REASON,
            app_build_props=BuildProps(APPLICATION),
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
        )
        place = SigFieldSpec(EVIDENCE_FIELD, readable_field_name=_TOOLTIP, invis_sig_settings=InvisSigSettings())
        sealer = PdfSigner(metadata, self.signer.cms(), timestamper=self.timestamper, new_field_spec=place)
        out = io.BytesIO()
        try:
            await sealer.async_sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), bytes_reserved=RESERVED, output=out)
        except (SigningError, PdfWriteError, PdfReadError) as error:
            raise SignatureRefused("signing_failed", "Le dossier de preuve n’a pas pu être scellé.") from error
        return out.getvalue()


def evidence_level(trust: Trust) -> Level:
    """The best level that can be asked for: without any revocation list configured, nothing goes beyond B-T."""
    return Level.B_T if isinstance(trust.revocation, NoLists) else Level.B_LTA
