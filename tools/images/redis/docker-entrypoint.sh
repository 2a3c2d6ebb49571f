#!/bin/sh
# Starts redis-server: arguments that are options or a configuration file are its own, anything else is a command.
set -eu

case ${1:-redis-server} in
  -* | *.conf) set -- redis-server "$@" ;;
esac
[ "$1" = redis-server ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
  find /data ! -user redis -exec chown redis:redis {} +
  exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
fi

# The official image is built without protected mode: who may connect is the container network's business. A
# configuration file, or an argument that names it, decides for itself.
case "$*" in
  *protected-mode* | *.conf*) ;;
  *) set -- "$@" --protected-mode no ;;
esac
exec "$@"
