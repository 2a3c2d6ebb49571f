#!/bin/bash
# Starts PostgreSQL; at the first start it makes the cluster, the superuser, the database, and runs the scripts of
# /docker-entrypoint-initdb.d. Speaks the official image's environment: POSTGRES_USER, POSTGRES_PASSWORD(_FILE),
# POSTGRES_DB, POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD and PGDATA.
#
# A first start that is killed half-way starts over: the cluster is made in $PGDATA/.first-start and moved up when it
# is complete, PG_VERSION last, because its presence is what says that there is a cluster.
set -euo pipefail

fail() {
  echo "docker-entrypoint.sh: $1" >&2
  exit 1
}

# The value of NAME, or the content of the file that NAME_FILE names.
setting() {
  local file="${1}_FILE"
  if [ -n "${!file:-}" ]; then
    [ -z "${!1:-}" ] || fail "both $1 and $file are set; set one of them"
    cat "${!file}"
  else
    printf '%s' "${!1:-}"
  fi
}

first_start() {
  local password user database host_method finished=$PGDATA
  password=$(setting POSTGRES_PASSWORD)
  user=$(setting POSTGRES_USER)
  user=${user:-postgres}
  database=$(setting POSTGRES_DB)
  database=${database:-$user}
  host_method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  [ -n "$password" ] || [ "$host_method" = trust ] \
    || fail "the superuser has no password: set POSTGRES_PASSWORD_FILE to a file that holds one"

  rm -rf "$finished/.first-start"
  export PGDATA=$finished/.first-start
  # Word splitting is how POSTGRES_INITDB_ARGS carries several options.
  # shellcheck disable=SC2086
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all %s\n' "$host_method" >> "$PGDATA/pg_hba.conf"

  # The scripts' psql finds the password here, whatever way of signing in POSTGRES_INITDB_ARGS chose.
  PGPASSFILE=$(mktemp)
  export PGPASSFILE PGUSER=$user PGDATABASE=postgres POSTGRES_USER=$user POSTGRES_DB=$database
  printf '*:*:*:*:%s\n' "$(printf '%s' "$password" | sed 's/[:\\]/\\&/g')" > "$PGPASSFILE"

  # Nobody but the scripts reaches this server: it listens on the socket only.
  pg_ctl start --wait --silent --pgdata="$PGDATA" --options="$(printf '%q ' "${@:2}" -c listen_addresses= -p 5432)"
  [ "$database" = postgres ] || createdb "$database"
  export PGDATABASE=$database
  run_scripts
  pg_ctl stop --wait --silent --pgdata="$PGDATA" --mode=fast

  rm -f "$PGPASSFILE"
  unset PGPASSFILE PGUSER PGDATABASE
  find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$finished" {} +
  sync
  mv "$PGDATA/PG_VERSION" "$finished/"
  rmdir "$PGDATA"
  export PGDATA=$finished
}

run_scripts() {
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    [ -e "$script" ] || continue
    echo "docker-entrypoint.sh: running $script"
    case $script in
      *.sh)
        # Scripts that are not executable are read into this shell, as in the official image.
        # shellcheck disable=SC1090
        if [ -x "$script" ]; then "$script"; else . "$script"; fi
        ;;
      *.sql) psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file="$script" ;;
      *) fail "$script is neither *.sh nor *.sql; this image runs only those" ;;
    esac
  done
}

case ${1:-postgres} in
  -*) set -- postgres "$@" ;;
esac
[ "$1" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres: "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

chmod 0700 "$PGDATA" 2>/dev/null || fail "$PGDATA does not belong to user $(id -u); give the volume to 999:999"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # What an interrupted move left behind is ours to remove; anything else is somebody's data.
  [ ! -d "$PGDATA/.first-start" ] || find "$PGDATA" -mindepth 1 -delete
  [ -z "$(find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found -print -quit)" ] \
    || fail "$PGDATA holds files but no cluster; empty it, or mount the volume that has the cluster"
  first_start "$@"
fi
exec "$@"
