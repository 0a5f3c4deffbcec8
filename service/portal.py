"""The portal's process."""

import uvicorn

from activities.register.migrate import upgrade
from portal.app import create_app
from portal.settings import PortalSettings
from service.settings import Settings
from service.temporal_server import wait_until_ready
from service.wiring import Parts, ports
from service.worker import connect


async def run(settings: Settings) -> None:
    """Serve the pages and the API until told to stop."""
    upgrade(settings.database)
    parts = Parts(settings)
    client = await wait_until_ready(lambda: connect(settings))
    app = create_app(
        ports(parts, client),
        PortalSettings(
            base_url=settings.base_url,
            secure_cookies=settings.base_url.startswith("https://"),
            max_upload_bytes=settings.max_upload_bytes,
            trusted_hosts=settings.hosts,
            demo=settings.embedded_pki,
            authority=settings.authority(),
            contact=settings.contact,
        ),
    )
    # The portal writes its own access log: this one would write the addresses of signing links.
    config = uvicorn.Config(
        app,
        host=settings.portal_host,
        port=settings.portal_port,
        access_log=False,
        log_level="warning",
        log_config=None,
        server_header=False,
        # Nobody is believed about whose request it passes on, unless the operator named that proxy.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=10,
    )
    try:
        await uvicorn.Server(config).serve()
    finally:
        parts.close()
