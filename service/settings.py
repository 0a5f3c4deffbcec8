"""Settings: the environment (``PARAPHE_…``) or a ``.env`` file, checked at the door.

A process that reads a bad value refuses to start and says which setting is wrong, and how.
"""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from activities.mail.smtp import Encryption
from domain.assurance import Assurance, AssuranceStep
from domain.convention import Role
from domain.parties import GrantingAuthority
from domain.rules.settings import RuleSettings
from domain.tasks import SigningPolicy
from domain.verification import Level

ROOT = Path(__file__).resolve().parent.parent


LISTS = (
    "trusted_hosts",
    "trusted_proxies",
    "trust_roots",
    "crl_files",
    "tsa_urls",
    "signing_order",
    "reminder_days",
)
"""Settings that the environment writes with commas."""

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}


def _assurance_steps(value: object) -> object:
    """``[role:]level[:amount]``, comma-separated, as steps."""
    if not isinstance(value, str):
        return value
    steps = []
    for text in filter(None, (part.strip() for part in value.split(","))):
        parts = text.split(":")
        role = parts.pop(0) if parts[0] in set(Role) else None
        if not 1 <= len(parts) <= 2:
            raise ValueError(f"« {text} » : écrivez [beneficiary|authority:]advanced|qualified[:montant]")
        steps.append({"role": role, "level": parts[0], "above": parts[1] if len(parts) > 1 else "0"})
    return steps


def _base_url(value: str) -> str:
    HttpUrl(value)
    return value.rstrip("/")


def _service_url(value: str) -> str:
    return value if value == "off" else _base_url(value)


class Settings(BaseSettings):
    """Everything that an operator can set. ``docs/settings.md`` is the same list, in French."""

    model_config = SettingsConfigDict(
        env_prefix="PARAPHE_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = Path("var/paraphe")
    """Where the embedded parts keep their state."""
    base_url: Annotated[str, AfterValidator(_base_url)] = "http://127.0.0.1:8400"
    """Public address of the portal."""
    portal_host: str = "127.0.0.1"
    portal_port: Annotated[int, Field(ge=1, le=65535)] = 8400
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names the portal answers to; empty: the one of ``base_url`` and the local ones. Comma-separated."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses of the reverse proxies whose ``X-Forwarded-For`` is believed. Comma-separated; empty: none."""
    max_upload_bytes: Annotated[int, Field(ge=1_000_000)] = 25_000_000
    ocr_confidence: Annotated[int, Field(ge=0, le=100)] = 80
    """A fact that rests on a recognised word less sure than this is in doubt until a person settles it."""
    contact: str = ""
    """How signatories reach legal affairs: an address or a telephone number."""

    database_url: str = ""
    """SQLAlchemy URL; empty: an SQLite file in ``data_dir``."""
    store_url: str = ""
    """Folder or ``s3://bucket/prefix``; empty: a folder in ``data_dir``."""
    archive_root: Path | None = None
    """OCFL storage root; empty: a folder in ``data_dir``."""
    templates_dir: Path = ROOT / "templates"
    authority_file: Path | None = None
    """JSON of a :class:`domain.parties.GrantingAuthority`, suggested in the forms."""

    temporal_address: str = ""
    """``host:port`` of a Temporal server; empty: the embedded one. ``TEMPORAL_ADDRESS`` is read too."""
    temporal_namespace: str = "default"
    task_queue: str = "paraphe"
    conversions: Annotated[int, Field(ge=1, le=32)] = 1
    """LibreOffice processes of one worker."""

    rules_file: Path | None = None
    """JSON of a :class:`domain.rules.settings.RuleSettings`: the points of law that the authority decides."""
    companies_url: Annotated[str, AfterValidator(_service_url)] = "https://recherche-entreprises.api.gouv.fr"
    """The public register of companies; ``off``: it is not asked."""
    companies_timeout: Annotated[float, Field(gt=0, le=15)] = 3.0
    """Seconds that a person waits for it."""

    smtp_host: str = "127.0.0.1"
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 8425
    smtp_encryption: Encryption = Encryption.NONE
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_sender: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] = "conventions@paraphe.example.org"
    mail_sender_name: str = "Service des conventions"
    companion_port: Annotated[int, Field(ge=1, le=65535)] = 8426
    """The embedded companions: the page of the mail catcher, and the development timestamp authority."""

    signing_p12: Path | None = None
    """PKCS#12 of the seal that signs; empty: a development one, marked as test."""
    signing_p12_passphrase_file: Path | None = None
    pkcs11_module: Path | None = None
    """Library of the token that holds the seal, instead of ``signing_p12``."""
    pkcs11_token: str = ""
    """Label of the token."""
    pkcs11_key: str = ""
    """Label, in the token, of the seal's key and of its certificate."""
    pkcs11_pin_file: Path | None = None
    csc_url: str = ""
    """A remote signing service (CSC API v1), up to and without ``/csc/v1``; empty: none."""
    csc_token_url: str = ""
    """Where its OAuth 2.0 tokens are given."""
    csc_client_id: str = ""
    csc_client_secret_file: Path | None = None
    csc_assurance: Literal[Assurance.ADVANCED, Assurance.QUALIFIED] = Assurance.ADVANCED
    """What the service's certificates are worth: the authority takes it from the provider's certification."""
    signature_assurance: Annotated[tuple[AssuranceStep, ...], NoDecode, BeforeValidator(_assurance_steps)] = ()
    """Level of the person's signature by amount: ``advanced:23000`` above 23 000 €, ``authority:qualified:90000``
    for one side only. Comma-separated; empty: simple, whatever the amount."""
    trust_roots: Annotated[tuple[Path, ...], NoDecode] = ()
    """PEM files of the authorities that signatures must lead to. Comma-separated."""
    crl_files: Annotated[tuple[Path, ...], NoDecode] = ()
    tsa_urls: Annotated[tuple[str, ...], NoDecode] = ()
    """RFC 3161 timestamp authorities, tried in order; empty: the embedded one. Comma-separated."""
    signature_level: Literal[Level.B_T, Level.B_LT] = Level.B_LT
    """Lowest PAdES level of each signature; one that does not reach it is refused, never kept (B-T, B-LT)."""
    final_level: Literal[Level.B_T, Level.B_LT, Level.B_LTA] = Level.B_LTA
    """Lowest PAdES level of every signature once all have signed: B-LTA adds a timestamp over the whole document."""
    certification: Literal["first", "seal"] = "first"
    """What certifies the document, i.e. fixes what may follow: the first person's signature, or the authority's seal
    before it (invisible)."""
    link_secret_file: Path | None = None
    """Secret (32 bytes at least) that links and codes are derived from; empty: made in ``data_dir``."""

    signing_order: Annotated[tuple[Role, ...], NoDecode] = (Role.BENEFICIARY, Role.AUTHORITY)
    reminder_days: Annotated[tuple[int, ...], NoDecode] = (5, 10)
    expiry_days: Annotated[int, Field(ge=1, le=400)] = 40
    delegate_first: bool = True
    rehearsal_day: Annotated[float, Field(gt=0)] | None = None
    """Length of a working day in seconds, to rehearse reminders and expiry; never in production."""

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: object) -> object:
        if isinstance(values, dict):
            for name in (
                "trusted_hosts",
                "trusted_proxies",
                "trust_roots",
                "crl_files",
                "tsa_urls",
                "signing_order",
                "reminder_days",
            ):
                if isinstance(values.get(name), str):
                    values[name] = [part.strip() for part in values[name].split(",") if part.strip()]
            if not values.get("temporal_address") and os.environ.get("TEMPORAL_ADDRESS"):
                values["temporal_address"] = os.environ["TEMPORAL_ADDRESS"]
        return values

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if set(self.signing_order) != set(Role) or len(self.signing_order) != len(Role):
            raise ValueError("signing_order: chaque partie signe une fois (beneficiary,authority ou l'inverse)")
        if any(day < 1 or day >= self.expiry_days for day in self.reminder_days):
            raise ValueError("reminder_days: chaque rappel tombe avant expiry_days")
        if not self.embedded_pki and not self.trust_roots:
            raise ValueError("trust_roots: indiquez l'autorité de certification du certificat du cachet")
        if self.signing_p12 is not None and self.pkcs11_module is not None:
            raise ValueError("pkcs11_module: le cachet est dans un jeton ou dans signing_p12, pas dans les deux")
        if self.pkcs11_module is not None and not (self.pkcs11_token and self.pkcs11_key and self.pkcs11_pin_file):
            raise ValueError("pkcs11_module: indiquez aussi pkcs11_token, pkcs11_key et pkcs11_pin_file")
        if self.csc_url and not (self.csc_token_url and self.csc_client_id and self.csc_client_secret_file):
            raise ValueError("csc_url: indiquez aussi csc_token_url, csc_client_id et csc_client_secret_file")
        for name in ("csc_url", "csc_token_url", "companies_url"):
            url = getattr(self, name)
            if url.startswith("http://") and HttpUrl(url).host not in LOCAL_HOSTS:
                raise ValueError(f"{name}: hors de cette machine, l'adresse commence par https://")
        if self.csc_url and self.certification == "seal":
            raise ValueError(
                "certification: le cachet ne certifie pas d'abord quand un prestataire (csc_url) est réglé"
            )
        offered = self.csc_assurance if self.csc_url else Assurance.SIMPLE
        if any(not offered.reaches(step.level) for step in self.signature_assurance):
            raise ValueError("signature_assurance: aucun prestataire configuré (csc_url) n'atteint ce niveau")
        if self.base_url.startswith("http://") and HttpUrl(self.base_url).host not in LOCAL_HOSTS:
            raise ValueError("base_url: hors de cette machine, l'adresse commence par https://")
        if self.smtp_password.get_secret_value() and self.smtp_encryption is Encryption.NONE:
            raise ValueError("smtp_encryption: un mot de passe ne part pas en clair (starttls ou tls)")
        for path in (
            self.signing_p12,
            self.signing_p12_passphrase_file,
            self.pkcs11_module,
            self.pkcs11_pin_file,
            self.csc_client_secret_file,
            self.link_secret_file,
            self.authority_file,
            self.rules_file,
        ):
            if path is not None and not path.is_file():
                raise ValueError(f"le fichier {path} n'existe pas")
        try:
            self.rules()
        except ValidationError as error:
            wrong = ", ".join(".".join(str(step) for step in problem["loc"]) or "JSON" for problem in error.errors())
            raise ValueError(f"rules_file: valeur incorrecte ({wrong}) ; docs/rules.md donne les bornes") from None
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'register.sqlite3').resolve()}"

    @property
    def store(self) -> str:
        return self.store_url or str((self.data_dir / "documents").resolve())

    @property
    def archive(self) -> Path:
        return self.archive_root or (self.data_dir / "archive").resolve()

    @property
    def keys(self) -> Path:
        return self.data_dir / "keys"

    @property
    def timestamp_urls(self) -> tuple[str, ...]:
        return self.tsa_urls or (f"http://127.0.0.1:{self.companion_port}/tsa/",)

    @property
    def embedded_pki(self) -> bool:
        """The signatures are made with development certificates."""
        return self.signing_p12 is None and self.pkcs11_module is None

    @property
    def policy(self) -> SigningPolicy:
        return SigningPolicy(
            order=self.signing_order,
            reminder_days=tuple(sorted(self.reminder_days)),
            expiry_days=self.expiry_days,
            rehearsal_day=self.rehearsal_day,
            delegate_first=self.delegate_first,
            assurance=self.signature_assurance,
        )

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names the portal answers to."""
        own = HttpUrl(self.base_url).host or "localhost"
        return self.trusted_hosts or tuple(dict.fromkeys((own, "localhost", "127.0.0.1")))

    def rules(self) -> RuleSettings:
        if self.rules_file is None:
            return RuleSettings()
        return RuleSettings.model_validate_json(self.rules_file.read_text("utf-8"))

    def authority(self) -> GrantingAuthority | None:
        if self.authority_file is None:
            return None
        return GrantingAuthority.model_validate_json(self.authority_file.read_text("utf-8"))


def load(**values: object) -> Settings:
    """The settings, or an end of the process that names each bad one.

    :raises SystemExit: with the list of what is wrong, in French.
    """
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"  PARAPHE_{'_'.join(str(part) for part in problem['loc']).upper() or '…'} : {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        ]
        raise SystemExit("\n".join(["Paraphe ne démarre pas : réglage incorrect.", *lines])) from None
