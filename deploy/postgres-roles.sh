#!/bin/sh
# Roles and databases; PostgreSQL's image runs this once, when its volume is empty.
set -eu
SECRETS=${SECRETS:-/run/secrets}
export SECRETS

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
-- A failing statement must not put a password into the log.
SET log_min_error_statement = panic;
SET log_statement = none;
\set owner `cat "$SECRETS/postgres-owner"`
\set app `cat "$SECRETS/postgres-app"`
\set temporal `cat "$SECRETS/postgres-temporal"`

-- Who owns the schema, who the migrations grant rights to, and who logs in; none may make roles.
CREATE ROLE aims_owner LOGIN PASSWORD :'owner';
CREATE ROLE aims_app NOLOGIN;
CREATE ROLE aims LOGIN PASSWORD :'app' IN ROLE aims_app;
CREATE ROLE temporal LOGIN PASSWORD :'temporal';

CREATE DATABASE aims OWNER aims_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE ALL ON DATABASE aims, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE aims TO aims;
SQL
