"""Does the portal of this container answer? Exit code 0 if it does; the engine runs it (see the Dockerfile)."""

import http.client
import os
import sys

port = int(os.environ.get("PARAPHE_PORTAL_PORT", "8400"))
# The portal refuses a host name that it was not given; its own names are the loopback's only when none is listed.
host = os.environ.get("PARAPHE_TRUSTED_HOSTS", "").split(",")[0].strip().replace("*.", "sonde.") or "127.0.0.1"
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
try:
    connection.request("GET", "/healthz", headers={"Host": host})
    sys.exit(connection.getresponse().status != 200)
except OSError as error:
    sys.exit(f"{type(error).__name__}")
