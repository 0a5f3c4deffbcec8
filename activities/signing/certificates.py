"""How a certificate's names are said."""

from asn1crypto import x509


def common_name(certificate: x509.Certificate) -> str:
    """What a person would call the certificate's holder."""
    return name_of(certificate.subject)


def name_of(name: x509.Name) -> str:
    native = name.native
    return str(native.get("common_name") or native.get("organization_name") or distinguished(name))


def distinguished(name: x509.Name) -> str:
    """A distinguished name, most telling part first: ``CN=…, O=…, C=FR``."""
    short = {"common_name": "CN", "organization_name": "O", "organizational_unit_name": "OU", "country_name": "C"}
    return ", ".join(f"{short.get(key, key)}={value}" for key, value in reversed(name.native.items()))
