"""What a file carries for its own validation: certificates, revocation lists, OCSP answers.

The Document Security Store (DSS), ETSI EN 319 142-1, 5.4.2.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError


@dataclass(frozen=True)
class Material:
    """What a file carries for its own validation (DSS, ETSI EN 319 142-1, 5.4.2)."""

    certificates: list[x509.Certificate]
    lists: list[crl.CertificateList]
    answers: list[ocsp.OCSPResponse]

    @classmethod
    def of(cls, handler: PdfHandler) -> "Material":
        try:
            store = DocumentSecurityStore.read_dss(handler)
        except NoDSSFoundError:
            return cls([], [], [])

        def read(references: Iterable[IndirectObject], purpose: DecodePurpose) -> list[bytes]:
            return [reference.get_object().read_data(purpose) for reference in references]  # type: ignore[no-untyped-call]

        return cls(
            list(store.load_certs()),
            [crl.CertificateList.load(der) for der in read(store.crls, DecodePurpose.CRL)],
            [ocsp.OCSPResponse.load(der) for der in read(store.ocsps, DecodePurpose.OCSP_RESPONSE)],
        )
