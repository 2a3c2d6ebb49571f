#!/bin/sh
# What a release does on the host: `host.sh ROOT COMMAND [TOKEN] [ARGUMENT…]`. ROOT is /srv/jlam/<environment>.
#
# Commands with a TOKEN change something. They run one after another (actions.mutex), and only for whoever holds the
# lock: a deployer that was believed dead and wakes up has an old token, and is refused. Needs sh, coreutils, util-linux's
# flock, and Docker with Compose. Exit codes: 0 done, 1 failed, 3 the lock is somebody else's, 4 the disk is full,
# 75 try again later (EX_TEMPFAIL).
set -eu
umask 022

root=$1
command=$2
shift 2
environment=${root##*/}

held=3
full=4
busy=75

fail() { # STATUS WORDS…
  status=$1
  shift
  printf '%s\n' "$*" >&2
  exit "$status"
}

now() { date +%s; }

# The lock's four lines: token, end of the lease in seconds since 1970, holder, what for.
lease() { # LINE
  [ -f "$root/lock" ] || return 0
  left=$1
  while IFS= read -r text; do
    left=$((left - 1))
    if [ "$left" = 0 ]; then printf '%s\n' "$text"; fi
  done <"$root/lock"
}

# The lease is read and written under a mutex of its own, which nobody holds for long.
claim() { # SECONDS HOLDER PURPOSE
  exec 8>"$root/lease.mutex"
  flock 8
  until=$(lease 2)
  if [ -n "$until" ] && [ "$until" -gt "$(now)" ]; then
    printf '%s\n%s\n%s\n' "$(lease 3)" "$(lease 4)" "$until"
    exit "$held"
  fi
  token=$(($(cat "$root/fence" 2>/dev/null || echo 0) + 1))
  replace "$root/fence" <<TEXT
$token
TEXT
  replace "$root/lock" <<TEXT
$token
$(($(now) + $1))
$2
$3
TEXT
  printf '%s\n' "$token"
}

renew() { # TOKEN SECONDS
  exec 8>"$root/lease.mutex"
  flock 8
  mine "$1"
  replace "$root/lock" <<TEXT
$1
$(($(now) + $2))
$(lease 3)
$(lease 4)
TEXT
}

free() { # TOKEN
  exec 8>"$root/lease.mutex"
  flock 8
  mine "$1"
  rm -f "$root/lock"
}

mine() { # TOKEN
  if [ "$(lease 1)" = "$1" ]; then return 0; fi
  holder=$(lease 3)
  if [ -z "$holder" ]; then fail "$held" "the lock was taken over meanwhile, by somebody who is done by now"; fi
  fail "$held" "the lock is $holder's by now ($(lease 4))"
}

# A command that changes something: alone, and only with the newest token.
acting() { # TOKEN
  exec 9>"$root/actions.mutex"
  flock --wait 120 9 || fail 1 "another action has been running on this host for two minutes"
  mine "$1"
}

# Puts stdin at a path at once: nobody reads it half-written, and a full disk leaves what was there.
replace() { # PATH
  if ! { cat >"$1.next" && sync "$1.next"; }; then
    rm -f "$1.next"
    fail "$full" "the disk is full: $1 was not written"
  fi
  mv -f "$1.next" "$1"
}

# A folder of files from stdin (tar), whole or not at all.
receive() { # TOKEN RELEASE
  acting "$1"
  partial="$root/releases/.$2"
  rm -rf "$partial"
  mkdir -p "$partial"
  tar -xf - -C "$partial" || { rm -rf "$partial"; fail "$full" "the release could not be written: $(df -h "$root" | tail -1)"; }
  mkdir -p "$partial/secrets"
  chmod 0700 "$partial/secrets"
  # What others write to the disk meanwhile isn't waited for.
  find "$partial" -exec sync {} +
  rm -rf "$root/releases/$2"
  mv "$partial" "$root/releases/$2"
}

# Adds lines to the journal. A line that a crash or a full disk cut is taken away, never left.
append() { # TOKEN SIZE: bytes that the journal has, or it isn't the journal that was read
  acting "$1"
  journal="$root/journal.jsonl"
  touch "$journal"
  size=$(stat -c %s "$journal")
  [ "$size" = "$2" ] || fail 1 "the journal has $size bytes and not $2: somebody else wrote to it"
  if ! { cat >>"$journal" && sync "$journal"; }; then
    truncate -s "$size" "$journal"
    fail "$full" "the disk is full: the journal was not written"
  fi
}

# Takes away a last line without its end: a write that was cut off.
mend() { # TOKEN
  acting "$1"
  journal="$root/journal.jsonl"
  [ -s "$journal" ] || return 0
  whole=$(grep -c '' "$journal")
  if [ -n "$(tail -c 1 "$journal")" ]; then head -n "$((whole - 1))" "$journal" | replace "$journal"; fi
}

pull() { # TOKEN REFERENCE…
  acting "$1"
  shift
  for reference in "$@"; do
    docker image inspect --format '{{.Id}}' "$reference" >/dev/null 2>&1 && continue
    docker pull --quiet "$reference" >/dev/null || fail 1 "$reference could not be pulled"
  done
}

composed() { # RELEASE ARGUMENT…
  folder="$root/releases/$1"
  shift
  env -u COMPOSE_FILE -u COMPOSE_PROFILES -u COMPOSE_PROJECT_NAME \
    docker compose --ansi never --progress plain --env-file "$folder/host.env" --file "$folder/compose.yaml" "$@"
}

compose() { # TOKEN RELEASE ARGUMENT…
  acting "$1"
  shift
  composed "$@"
}

# Runs a program in a service's running container. It may take hours, and who comes after a dead deployer doesn't wait
# for it: the mutex is given back before. Its exit codes could be taken for ours, so that only one of them is handed on.
inside() { # TOKEN SERVICE PROGRAM ARGUMENT…
  acting "$1"
  exec 9>&-
  container=$(docker ps --quiet --filter "label=com.docker.compose.project=jlam-$environment" --filter "label=com.docker.compose.service=$2" --filter label=com.docker.compose.oneoff=False)
  [ -n "$container" ] || fail 1 "$2 does not run on this host"
  shift 2
  status=0
  docker exec "$container" "$@" || status=$?
  case $status in
    0) ;;
    "$busy") exit "$busy" ;;
    *) exit 1 ;;
  esac
}

# Starts services, and notes by which definition: Compose's own label leaves out what --no-deps does.
start() { # TOKEN RELEASE OPTIONS COLOUR SERVICE…: OPTIONS are one word, COLOUR is theirs; both maybe empty
  acting "$1"
  release=$2
  options=$3
  colour=$4
  shift 4
  if [ -n "$colour" ]; then
    mkdir -p "$root/colours"
    printf '%s\n' "$release" | replace "$root/colours/$colour"
  fi
  if [ -n "$colour" ] && restart "$release" "$@"; then return 0; fi
  mkdir -p "$root/definitions"
  # Compose reads the whole release for either, so they are done beside each other.
  hashes "$release" >"$root/definitions/.next" &
  hashing=$!
  composed "$release" up --detach --no-deps --no-build --pull never ${options:+"$options"} "$@"
  wait "$hashing"
  while read -r service hash; do
    case " $* " in *" $service "*) printf '%s\n' "$hash" | replace "$root/definitions/$service" ;; esac
  done <"$root/definitions/.next"
}

# Starts containers of a colour that were made of this very release and only stopped: Compose takes a second to find
# that out, in which visitors wait for a way back. Fails where one isn't there or won't start, and leaves it to Compose.
restart() { # RELEASE SERVICE…
  made=$(docker ps --all --no-trunc --filter "label=com.docker.compose.project=jlam-$environment" --filter "label=com.docker.compose.project.config_files=$root/releases/$1/compose.yaml" --filter label=com.docker.compose.oneoff=False --format '{{.ID}} {{.Label "com.docker.compose.service"}}') || return 1
  shift
  found=
  for service in "$@"; do
    container=$(printf '%s\n' "$made" | sed -n "s/ $service\$//p")
    [ -n "$container" ] || return 1
    found="$found $container"
  done
  # shellcheck disable=SC2086 # one word for each container
  docker start $found >/dev/null 2>&1
}

# Brings configuration and secrets of services that stay to those of a release, file by file. Prints the services whose
# secrets changed: a container sees a file that was there when it started. KEEP are files that only a switch writes.
live() { # TOKEN RELEASE KEEP…
  acting "$1"
  release="$root/releases/$2"
  shift 2
  mkdir -p "$root/live/files" "$root/secrets"
  chmod 0700 "$root/secrets"
  each_file "$release/files" | while read -r path; do
    case " $* " in *" files/$path "*) continue ;; esac
    settle "$release/files/$path" "$root/live/files/$path"
  done
  each_file "$root/live/files" | while read -r path; do
    case " $* " in *" files/$path "*) continue ;; esac
    [ -f "$release/files/$path" ] || rm -f "$root/live/files/$path"
  done
  each_file "$release/secrets" | while read -r path; do
    cmp -s "$release/secrets/$path" "$root/secrets/$path" && continue
    [ ! -f "$root/secrets/$path" ] || printf '%s\n' "${path%%/*}"
    settle "$release/secrets/$path" "$root/secrets/$path"
    chmod 0444 "$root/secrets/$path"
  done | sort -u
}

each_file() { # FOLDER
  if [ -d "$1" ]; then (cd "$1" && find . -type f | sed 's|^\./||' | sort); fi
}

settle() { # FROM TO
  cmp -s "$1" "$2" && return 0
  mkdir -p "$(dirname "$2")"
  replace "$2" <"$1"
}

# The switch: one rename in the directory that the proxy watches.
place() { # TOKEN RELEASE PATH WATCHED
  acting "$1"
  mkdir -p "$(dirname "$root/live/$4")"
  replace "$root/live/$4" <"$root/releases/$2/$3"
}

containers_of() { # SERVICE…
  for service in "$@"; do
    docker ps --all --quiet --filter "label=com.docker.compose.project=jlam-$environment" --filter "label=com.docker.compose.service=$service"
  done
}

stop() { # TOKEN SERVICE…
  acting "$1"
  shift
  for container in $(containers_of "$@"); do docker stop "$container" >/dev/null; done
}

remove() { # TOKEN SERVICE…
  acting "$1"
  shift
  for container in $(containers_of "$@"); do
    docker stop "$container" >/dev/null
    docker rm --force "$container" >/dev/null
  done
}

signal() { # TOKEN SIGNAL SERVICE…
  acting "$1"
  name=$2
  shift 2
  for container in $(containers_of "$@"); do docker kill --signal "$name" "$container" >/dev/null || true; done
}

# Removes releases, and those of their images that no release that is kept runs. Images that no release brought here
# are others' business, and Docker itself keeps what a container uses.
prune() { # TOKEN RELEASE… (kept)
  acting "$1"
  shift
  needed=$(mktemp)
  gone=$(mktemp)
  for folder in "$root"/releases/* "$root"/releases/.[!.]*; do
    [ -d "$folder" ] || continue
    case " $* " in *" ${folder##*/} "*) list=$needed ;; *) list=$gone ;; esac
    if [ -f "$folder/host.env" ]; then sed -n 's/^# image //p' "$folder/host.env" >>"$list"; fi
    if [ "$list" = "$gone" ]; then rm -rf "$folder"; fi
  done
  sort -u "$gone" | grep -vxFf "$needed" | while read -r image; do docker image rm "$image" >/dev/null 2>&1 || true; done
  rm -f "$needed" "$gone"
}

# What is there, one fact a line: a word, a tab, and the rest. Few programs are started: it is asked often.
facts() {
  fact() { printf '%s\t%s\n' "$1" "$2"; }
  engine=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null) || fail 1 "Docker does not answer on this host"
  fact clock "$(now)"
  fact architecture "$(uname -m)"
  df --output=avail -B1 "$root" "$engine" | sed -e 1d -e 's/ //g' -e '2s/^/free\t/' -e '3s/^/engine-free\t/'
  for folder in "$root"/releases/*; do if [ -d "$folder" ]; then fact release "${folder##*/}"; fi; done
  for kind in colour definition; do
    for file in "$root/$kind"s/*; do if [ -f "$file" ]; then fact "$kind" "${file##*/}	$(cat "$file")"; fi; done
  done
  if [ -d "$root/live/files" ]; then (cd "$root/live" && find files -type f ! -name '*.next' -exec sha256sum {} + | sed 's/^\([0-9a-f]*\)  /file\t\1\t/'); fi
  copies
}

# The containers of this environment, one a line. One that goes while they are looked at is passed over.
copies() {
  ids=$(docker ps --all --no-trunc --quiet --filter "label=com.docker.compose.project=jlam-$environment")
  [ -n "$ids" ] || return 0
  # shellcheck disable=SC2086 # one word for each id
  docker inspect --format 'container	{{index .Config.Labels "com.docker.compose.service"}}	{{.State.Status}}	{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}	{{.State.ExitCode}}	{{.State.OOMKilled}}	{{.RestartCount}}	{{.Config.Image}}	{{range $name, $network := .NetworkSettings.Networks}}{{$name}}={{$network.IPAddress}} {{end}}' $ids 2>/dev/null || true
}

# Hashes by which Compose would make a container anew, of a release's services.
hashes() { composed "$1" --profile '*' config --hash '*'; }

present() { # REFERENCE…: those that this host has. Docker leaves out its own registry's name, and the tag beside a digest.
  known=$(docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$@" 2>/dev/null || true)
  for reference in "$@"; do
    name=${reference%@*}
    name=${name#docker.io/}
    name=${name#library/}
    if printf '%s\n' "$known" | grep -qxF "${name%:*}@${reference##*@}"; then printf '%s\n' "$reference"; fi
  done
}

mkdir -p "$root/releases" 2>/dev/null || fail 1 "$root can't be made: give it to the user who deploys"

case $command in
  claim | renew | free | receive | append | mend | pull | compose | inside | start | live | place | stop | remove | signal | prune | facts | copies | hashes | present) "$command" "$@" ;;
  journal) if [ -f "$root/journal.jsonl" ]; then cat "$root/journal.jsonl"; fi ;;
  read) cat "$root/$1" ;;
  logs) for container in $(containers_of "$1"); do docker logs --tail 15 "$container" 2>&1; done ;;
  *) fail 1 "there is no command $command" ;;
esac
