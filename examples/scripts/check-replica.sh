#!/bin/sh
# check-replica.sh HOST PORT: whether a PostgreSQL replica may serve, for MISC_CHECK with misc_dynamic (misc-check.conf).
# 1: it does not answer, or is more than a minute behind. 2 + weight otherwise: full weight up to date, less when it lags.
set -eu

lag=$(timeout 4 psql -h "$1" -p "$2" -d postgres -U probe -Atc \
    'select coalesce(extract(epoch from now() - pg_last_xact_replay_timestamp())::int, 0)') || exit 1

if [ "$lag" -gt 60 ]; then exit 1; fi
if [ "$lag" -gt 10 ]; then exit 12; fi
exit 52
