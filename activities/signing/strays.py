"""Certificates that a signature carries along without covering them: a change there breaks nothing, yet it is one.

A certificate among them is damaged when one with its serial number is known and it is another, or when its issuer is
known and did not sign it. One whose issuer nobody here knows proves nothing either way.
"""

import io

from asn1crypto import x509
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature
from pyhanko.pdf_utils.reader import PdfFileReader

from activities.signing.material import Material
from activities.signing.trust import Trust


def damaged_certificates(pdf: bytes, trust: Trust) -> bool:
    """Whether a signature or a timestamp of ``pdf`` carries a certificate that was changed. ``pdf`` can be read."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    known = [*Material.of(reader).certificates, *trust.root_certificates(), *trust.intermediate_certificates()]
    whole = {certificate.dump() for certificate in known}
    serials = {certificate.serial_number for certificate in known}
    carried: list[x509.Certificate] = []
    for embedded in reader.embedded_signatures:
        carried += [choice.chosen for choice in embedded.signed_data["certificates"] if choice.name == "certificate"]
    strays = [certificate for certificate in carried if certificate.dump() not in whole]
    return any(one.serial_number in serials or not _well_issued(one, known) for one in strays)


def _well_issued(certificate: x509.Certificate, known: list[x509.Certificate]) -> bool:
    issuers = [one for one in known if one.subject.dump() == certificate.issuer.dump()]
    return not issuers or any(_signed_by(certificate, issuer) for issuer in issuers)


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        pyca.load_der_x509_certificate(certificate.dump()).verify_directly_issued_by(
            pyca.load_der_x509_certificate(issuer.dump())
        )
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
