#!/bin/sh
# Make Temporal's two databases, or bring them to the schema of this version of admin-tools. A second run changes nothing.
set -eu
SQL_PASSWORD=$(cat /run/secrets/temporal-password)
export SQL_PASSWORD

for database in temporal temporal_visibility; do
    case $database in
        temporal) schema=postgresql/v12/temporal ;;
        temporal_visibility) schema=postgresql/v12/visibility ;;
    esac
    temporal-sql-tool --database "$database" create
    temporal-sql-tool --database "$database" setup-schema --version 0.0
    temporal-sql-tool --database "$database" update-schema --schema-name "$schema"
done
