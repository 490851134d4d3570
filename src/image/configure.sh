#!/bin/sh
# Configures the packages of an image that lie unpacked in it. Runs as root in a container without a network, from a layer that
# steps.ts planned: each argument is one step. Its own digest is a part of the image's key, so any change here makes other images.
set -eu
umask 022

dpkg_() { dpkg --force-unsafe-io "$@"; } # nobody can pull the plug between here and the layer that is made of it

# Nothing may start a service (invoke-rc.d(8)).
if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    policy=made
fi

preinst() { # NAME:ARCHITECTURE or NAME:ARCHITECTURE:ARCHITECTURE, as dpkg would call it for the first installation (deb-preinst(5))
    full=${1%:*}
    echo "Running the preinst of $full ..."
    DPKG_MAINTSCRIPT_PACKAGE="${full%%:*}" DPKG_MAINTSCRIPT_ARCH="${1##*:}" DPKG_MAINTSCRIPT_NAME=preinst \
        DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1 DPKG_MAINTSCRIPT_DEBUG=0 DPKG_ADMINDIR=/var/lib/dpkg DPKG_ROOT='' \
        "/var/lib/dpkg/info/$full.preinst" install ||
        { status=$?; echo "dpkg: error processing package $full (--unpack): its preinst returned $status" >&2; exit "$status"; }
}

no_manual_index() { # it holds times and costs more than all else: the switch that Debian gives to build machines (bug #554914)
    echo 'man-db man-db/auto-update boolean false' | debconf-set-selections
}

locale() { # a translated locale for the second build's surroundings; as files, because an archive keeps the order in which it grew
    localedef --no-archive -i "${1%.*}" -f "${1#*.}" "/usr/lib/locale/${1%.*}.utf8"
}

user() { # NAME:UID:GID
    name=${1%%:*}; ids=${1#*:}; uid=${ids%:*}; gid=${ids#*:}
    if grep -Eq "^$name:|^[^:]*:[^:]*:$uid:" /etc/passwd || grep -Eq "^$name:|^[^:]*:[^:]*:$gid:" /etc/group; then
        echo "A package made a user or group that is called $name or has the id $uid or $gid, which the build's own user needs." >&2
        exit 1
    fi
    echo "$name:x:$uid:$gid::/home/$name:/bin/sh" >>/etc/passwd
    echo "$name:x:$gid:" >>/etc/group
    [ ! -e /etc/shadow ] || echo "$name:!:$((SOURCE_DATE_EPOCH / 86400)):0:99999:7:::" >>/etc/shadow
    [ ! -e /etc/gshadow ] || echo "$name:!::" >>/etc/gshadow
    install -d -m 755 -o "$uid" -g "$gid" "/home/$name"
}

for step; do
    value=${step#*=}
    case $step in
    locale=*) locale "$value" & translating=$! ;; # needs nothing that is configured, and a processor of its own
    no-manual-index) no_manual_index ;;
    preinst=*) preinst "$value" ;;
    trigger=*) dpkg-trigger --by-package=dpkg --no-await "$value" ;;
    unpack=*) dpkg_ --unpack "$value" ;;
    # shellcheck disable=SC2086 # names, separated by spaces
    configure=*) dpkg_ --configure $value ;;
    configure-all) dpkg_ --configure -a ;;
    user=*) user "$value" ;;
    *) echo "There is no step $step." >&2; exit 1 ;;
    esac
done
[ -z "${translating-}" ] || wait "$translating"

ldconfig
[ "${policy-}" != made ] || rm /usr/sbin/policy-rc.d
# Made at random by systemd's postinst; empty means that the machine has none yet (machine-id(5)).
[ ! -s /etc/machine-id ] || : >/etc/machine-id

audit=$(dpkg --audit)
if [ -n "$audit" ]; then
    printf 'dpkg --audit:\n%s\n' "$audit" >&2
    exit 1
fi
