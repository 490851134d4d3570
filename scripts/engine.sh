#!/bin/sh
# Called by setup.sh when no engine answers: engine.sh STATE ORIGIN ADDRESS, as scripts/engine.ts prints them.
# On Debian and Ubuntu it installs docker.io and starts it; elsewhere it says what to do.
set -eu

cd -- "$(dirname -- "$0")/.."
state=$1
origin=$2
address=${3:-}
log=/var/log/dockerd.log
me=$(id -un)

say() { printf 'setup: %s\n' "$*" >&2; }
stop() {
	printf 'setup: %s\n' "$@" >&2
	exit 3
}

# yes: silently with YES=1 or CI=true; otherwise a person has to say so.
ask() {
	if [ "${YES:-}" = 1 ] || [ "${CI:-}" = true ]; then
		say "$1"
		return 0
	fi
	if [ ! -t 0 ] || [ ! -t 2 ]; then return 1; fi
	printf 'setup: %s\nsetup: Go on? [y/N] ' "$1" >&2
	read -r answer || answer=
	case $answer in
	[yY] | [yY][eE][sS]) return 0 ;;
	*) return 1 ;;
	esac
}

# Runs a command as root. PATH as root has it: dockerd and iptables are in sbin.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" "$@"
	else
		sudo env PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" DEBIAN_FRONTEND=noninteractive "$@"
	fi
}

may_be_root() { # $1: what for, a sentence
	[ "$(id -u)" = 0 ] && { say "$1" && return 0; }
	command -v sudo >/dev/null || stop "$1" "That needs root, and there is no sudo: become root and run this again."
	ask "$1 This uses sudo." || stop "$1" "That needs root: run this again and answer with y, or with YES=1."
}

answers() {
	found=$(.tools/bin/node scripts/engine.ts 2>/dev/null) || return 1
	case $found in
	answers\ * | denied\ *) return 0 ;;
	*) return 1 ;;
	esac
}

# wait_for SECONDS [PID]: until the engine answers; earlier when the process PID has gone.
wait_for() {
	end=$(($(date +%s) + $1))
	while ! answers; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		if [ -n "${2:-}" ] && ! as_root kill -0 "$2" 2>/dev/null; then return 1; fi
		sleep 0.3
	done
}

has_docker() { PATH="$PATH:/usr/sbin:/sbin" command -v dockerd >/dev/null; }

install_docker() {
	packages='docker.io'
	# Without systemd nobody may have mounted the control groups; Debian's package for that does no harm.
	if [ ! -d /run/systemd/system ] && ! grep -q ' /sys/fs/cgroup' /proc/mounts; then packages="$packages cgroupfs-mount"; fi
	say "installing Debian's $packages"
	# shellcheck disable=SC2086 # a list of words
	if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages >.tools/apt.log 2>&1; then
		say "apt's package lists are missing or old; updating them"
		as_root apt-get update -q >>.tools/apt.log 2>&1 || true
		# shellcheck disable=SC2086
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages >>.tools/apt.log 2>&1 || {
			tail -n 15 .tools/apt.log >&2
			stop "apt-get could not install $packages; its last lines are above, all of them in .tools/apt.log."
		}
	fi
}

# A service manager first, since it also starts the engine after the next boot.
start_service() {
	if [ -d /run/systemd/system ]; then
		say "starting docker.service"
		as_root systemctl start docker.service >/dev/null 2>&1 && wait_for 60
	elif [ -x /etc/init.d/docker ] && command -v service >/dev/null; then
		say "starting the service docker"
		as_root service docker start >/dev/null 2>&1 && wait_for 15
	else
		return 1
	fi
}

# start_daemon OPTION…: in the background, in a session of its own, so that it outlives this terminal and its Ctrl-C.
start_daemon() {
	say "starting dockerd${*:+ $*} in the background; its log is $log"
	rm -f .tools/dockerd.pid
	as_root sh -c 'log=$1; shift; setsid dockerd "$@" </dev/null >>"$log" 2>&1 & echo $!' sh "$log" "$@" >.tools/dockerd.pid
	wait_for 60 "$(cat .tools/dockerd.pid)"
}

start_engine() {
	if answers; then return; fi # the package's own scripts may have started it
	if running=$(cat /var/run/docker.pid 2>/dev/null) && grep -qs dockerd "/proc/$running/cmdline"; then
		say "dockerd (process $running) is there but does not answer yet; waiting"
		wait_for 30 "$running" && return
	fi
	start_service && return
	start_daemon && return
	# Where the kernel has no bridge or no netfilter (small virtual machines, containers). Nothing is lost: no container has a network.
	start_daemon --bridge=none --iptables=false --ip6tables=false && return
	as_root tail -n 5 "$log" >&2 || true
	stop "dockerd does not start here; the last lines of $log are above." "Where no engine can run, one elsewhere will do: set DOCKER_HOST (tcp://… or ssh://…)."
}

is_member() { id -nG "$me" | tr ' ' '\n' | grep -qx docker; }

# The engine runs, its socket is for root and the group docker only.
grant_socket() {
	if is_member; then return; fi # run.sh opens a session in which it counts
	may_be_root "$me has to be in the group docker to use the engine (members can become root through it)."
	as_root usermod -aG docker "$me" || stop "$me could not be added to the group docker."
	say "added $me to the group docker; new logins have it"
}

if [ "$origin" = chosen ]; then
	stop "the engine that DOCKER_HOST or the Docker context names does not answer${address:+ ($address)}." "Start it, or unset DOCKER_HOST (or docker context use default) to take the engine of this machine."
fi
if [ "$state" = denied ]; then
	grant_socket
	exit 0
fi

id_like=$(. /etc/os-release 2>/dev/null && printf '%s %s' "${ID:-}" "${ID_LIKE:-}") || id_like=
case "$(uname -s) $id_like" in
Linux*debian* | Linux*ubuntu*)
	if has_docker; then
		may_be_root "no container engine answers; the docker.io that is installed will be started."
	else
		may_be_root "there is no container engine; Debian's package docker.io will be installed and started."
		install_docker
	fi
	start_engine
	[ "$(id -u)" = 0 ] || grant_socket
	answers || stop "the engine was started but does not answer; see $log."
	say "the engine answers"
	;;
Darwin*)
	stop "no container engine answers, and this machine's packages are not for setup to install." "Start Docker Desktop, OrbStack or Colima (brew install colima docker && colima start), then run this again."
	;;
Linux*fedora* | Linux*rhel*)
	stop "no container engine answers, and setup installs one on Debian and Ubuntu only." "Here: sudo dnf install moby-engine && sudo systemctl enable --now docker && sudo usermod -aG docker $me, then log in again."
	;;
*)
	stop "no container engine answers, and setup installs one on Debian and Ubuntu only." "Install Docker or Podman with its Docker socket, or set DOCKER_HOST to an engine elsewhere, then run this again."
	;;
esac
