"""What a portal is told about where it runs. Filled by ``service``; nothing here reads the environment."""

from dataclasses import dataclass

from domain.parties import GrantingAuthority


@dataclass(frozen=True)
class PortalSettings:
    base_url: str
    """Where people reach the portal, without a final slash: ``https://conventions.example.org``."""
    secure_cookies: bool = True
    """False only where the portal is served without TLS: one machine, for a demonstration."""
    max_upload_bytes: int = 25_000_000
    """Largest deliberation or signed PDF taken in."""
    trusted_hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    """Host names answered; ``*.example.org`` is allowed. Anything else is refused with 400."""
    product_name: str = "Paraphe"
    demo: bool = False
    """Says on every page that the certificates are test ones."""
    authority: GrantingAuthority | None = None
    """Suggested for the authority's fields when facts are supplied for the first time."""
    contact: str = ""
    """How to reach legal affairs, shown to signatories who are stuck: an address or a telephone number."""
