#!/bin/sh
# Temporal's image takes the password from the environment only: it is put there for the server alone.
set -eu
POSTGRES_PWD=$(cat "${SECRETS:-/run/secrets}/postgres-temporal")
export POSTGRES_PWD
exec "${TEMPORAL_ENTRYPOINT:-/etc/temporal/entrypoint.sh}"
