#!/bin/sh
# Arguments that are no command are a script or options for node, as in the official image.
set -eu
case ${1:-} in
  -*) set -- node "$@" ;;
  *) command -v "${1:-node}" > /dev/null || set -- node "$@" ;;
esac
exec "$@"
