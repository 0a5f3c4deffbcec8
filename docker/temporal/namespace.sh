#!/bin/sh
# Make the namespace, or set how long it remembers. The worker declares its search attributes in it by itself.
set -eu

attempts=0
try() { # try COMMAND…: until it succeeds, a minute at most
    until "$@" >/dev/null; do
        attempts=$((attempts + 1))
        [ "$attempts" -lt 30 ] || exit 1
        sleep 2
    done
}

try temporal operator cluster health
if temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$NAMESPACE" --retention "$RETENTION"
else
    temporal operator namespace create --namespace "$NAMESPACE" --retention "$RETENTION"
fi
# The server learns of a new namespace some seconds later; a worker that comes before is refused.
try temporal workflow count --namespace "$NAMESPACE"
