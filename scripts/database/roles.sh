#!/bin/sh
# Run by the image of PostgreSQL when its volume is new.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$APP_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --file /portal/roles.sql
