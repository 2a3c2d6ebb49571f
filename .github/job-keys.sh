#!/bin/sh
# Writes the keys that a job was given as variables into files that only it can read, and names them for later steps.
# Usage: job-keys.sh FOLDER, with SIGNING_KEY, DEPLOY_KEY, KNOWN_HOSTS and AGE_IDENTITY set; empty ones are left out.
set -eu

folder=$1
umask 077
mkdir -p "$folder"

# keep VARIABLE FILE VALUE: the file, and its path under VARIABLE in the steps that follow.
keep() {
  [ -n "$3" ] || return 0
  printf '%s\n' "$3" > "$folder/$2"
  echo "$1=$folder/$2" >> "$GITHUB_ENV"
}

keep JLAM_SIGNING_KEY signing-key "${SIGNING_KEY-}"
keep JLAM_SSH_KEY deploy-key "${DEPLOY_KEY-}"
keep KNOWN_HOSTS_FILE known-hosts "${KNOWN_HOSTS-}"
keep JLAM_AGE_IDENTITY_FILE age-identity "${AGE_IDENTITY-}"

# Who the journal names: the workflow, whose key allowed_signers has under this address.
git config user.name ci
git config user.email ci@jlam.nl
