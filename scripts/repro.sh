#!/bin/sh
# Two builds of each recipe, compared; hello when none is named. The same as `make repro`.
set -eu

[ $# -gt 0 ] || set -- hello
exec "$(dirname -- "$0")/run.sh" twinbuild repro --relock-if-gone "$@"
