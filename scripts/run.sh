#!/bin/sh
# Sets up what is missing, then runs a command with the project's own Node and pnpm first in PATH:
#   scripts/run.sh twinbuild repro hello
# `twinbuild` stands for the command line of this checkout; anything else is run as it is.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
"$root/scripts/setup.sh"

PATH="$root/.tools/bin:$root/node_modules/.bin:$root/bin:$PATH"
export PATH

# Someone who has just become a member of the group docker is one only in new sessions. sg opens one.
socket=/var/run/docker.sock
if [ -z "${DOCKER_HOST:-}" ] && [ -S $socket ] && [ ! -w $socket ] &&
	id -nG "$(id -un)" | tr ' ' '\n' | grep -qx docker; then
	command=
	for word in "$@"; do
		command="$command '$(printf '%s' "$word" | sed "s/'/'\\\\''/g")'"
	done
	exec sg docker -c "exec $command"
fi
exec "$@"
