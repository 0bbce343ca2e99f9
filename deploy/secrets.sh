#!/bin/sh
# Makes the secrets that docker-compose.yml mounts. What exists is kept, so running it again is harmless.
# Usage: deploy/secrets.sh [folder]
set -eu
umask 077
folder=${1:-secrets}
mkdir -p "$folder"
# Containers read single files under users of their own; on the host this folder keeps everybody else out.
chmod 700 "$folder"

keep() { # name; the content comes from standard input
  cat >"$folder/$1.new"
  chmod 444 "$folder/$1.new"
  mv "$folder/$1.new" "$folder/$1"
}

password() {
  [ -s "$folder/$1" ] || openssl rand -hex 24 | keep "$1"
}

url() { # name, role, file of the password
  printf 'postgresql://%s:%s@postgres:5432/aims?sslmode=disable\n' "$2" "$(cat "$folder/$3")" | keep "$1"
}

for role in superuser owner app temporal; do
  password "postgres-$role"
done
url database-url aims postgres-app
url migration-database-url aims_owner postgres-owner

[ -s "$folder/signing.pem" ] || openssl genpkey -algorithm ed25519 | keep signing.pem
# After a rotation this file holds more keys than the one that signs now: it is only made when missing.
[ -s "$folder/verify.pem" ] || openssl pkey -in "$folder/signing.pem" -pubout | keep verify.pem

for name in slack-bot-token slack-signing-secret; do
  [ -e "$folder/$name" ] || keep "$name" </dev/null
done
echo "The secrets are in $folder. Keep a copy of signing.pem and verify.pem in a safe place."
