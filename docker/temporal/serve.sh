#!/bin/sh
# Temporal's own configuration is made from variables: give it the password from its file.
set -eu
POSTGRES_PWD=$(cat /run/secrets/temporal-password)
export POSTGRES_PWD
exec temporal-server start
