#!/bin/sh
# Brings Temporal's two schemas up to date; harmless when repeated, and run again by every upgrade.
set -eu
SQL_PASSWORD=$(cat "${SECRETS:-/run/secrets}/postgres-temporal")
export SQL_PASSWORD
versions=/etc/temporal/schema/postgresql/v12

temporal-sql-tool --database temporal setup-schema --version 0.0
temporal-sql-tool --database temporal update-schema --schema-dir "$versions/temporal/versioned"
temporal-sql-tool --database temporal_visibility setup-schema --version 0.0
temporal-sql-tool --database temporal_visibility update-schema --schema-dir "$versions/visibility/versioned"
