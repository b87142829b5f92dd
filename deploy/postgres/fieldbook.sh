#!/bin/sh
# Of the first start of the PostgreSQL of compose.yaml: a role that owns its database and is no superuser.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres -v password="$FIELDBOOK_PASSWORD" <<'SQL'
CREATE ROLE fieldbook LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE fieldbook OWNER fieldbook;
SQL
