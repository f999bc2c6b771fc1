#!/bin/bash
# A bare Debian to try the README in, as a newcomer would. Needs root and debootstrap.
#   fresh.sh ROOT [SUITE]        makes it: git, certificates, this machine's package mirrors, and nothing else
#   fresh.sh --in ROOT CMD...    runs CMD in it as root with an empty environment
#   fresh.sh --as UID ROOT CMD   runs CMD in it as that user; 1000 is an ordinary one
#   fresh.sh --rm ROOT           removes it
set -eu

enter() { # UID ROOT COMMAND...
    local uid=$1 root=$2 home=/root
    shift 2
    # A root that is a mount: only there may a program have mounts of its own.
    if ! mountpoint -q "$root"; then
        mount --bind "$root" "$root"
        mount --make-private "$root"
    fi
    mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
    if ! mountpoint -q "$root/dev"; then
        mount --rbind /dev "$root/dev"
        mount --make-rslave "$root/dev"
    fi
    [ "$uid" = 0 ] || home=/home/user
    # What a person's shell there would have; and where this machine's package clients find their certificates.
    exec env -i HOME=$home PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb \
        SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
        npm_config_cafile=/etc/ssl/certs/ca-certificates.crt \
        chroot --userspec="$uid:$uid" "$root" "$@"
}

remove() { # ROOT
    local place
    for place in "$1/proc" "$1/dev"; do
        mountpoint -q "$place" && umount -R -l "$place"
    done
    # Never through a mount that is still there: that would be this machine's own /dev.
    if mountpoint -q "$1/dev" || mountpoint -q "$1/proc"; then
        echo "fresh.sh: $1 is still in use, not removed" >&2
        return 1
    fi
    mountpoint -q "$1" && umount -l "$1"
    rm -rf --one-file-system "$1"
}

make() { # ROOT SUITE
    local root=$1 suite=$2 mirror file
    mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
    debootstrap --variant=minbase --include=ca-certificates,git "$suite" "$root" ${mirror:+"$mirror"} \
        >"$root.log" 2>&1 || { tail -n 5 "$root.log" >&2; return 1; }
    rm -f "$root.log"
    if [ -f /etc/apt/sources.list.d/debian.sources ]; then
        # This machine's mirrors, for that suite.
        sed "/^Suites:/s/\b$(. /etc/os-release && echo "$VERSION_CODENAME")\b/$suite/g" /etc/apt/sources.list.d/debian.sources \
            >"$root/etc/apt/sources.list.d/debian.sources"
        : >"$root/etc/apt/sources.list"
    fi
    for file in /etc/apt/apt.conf.d/[0-9]* /etc/ssl/certs/ca-certificates.crt /etc/resolv.conf /etc/hosts \
        /root/.npmrc /etc/npmrc /usr/local/etc/npmrc; do
        if [ -e "$file" ]; then
            mkdir -p "$root$(dirname "$file")"
            cp -L "$file" "$root$file"
        fi
    done
    # A user without a name could not use the session bus.
    chroot "$root" useradd --uid 1000 --create-home user
}

case "${1:-}" in
    --in) shift && enter 0 "$@" ;;
    --as) shift && enter "$@" ;;
    --rm) remove "$2" ;;
    '' | -*) sed -n '2,6s/^# //p' "$0" >&2 && exit 2 ;;
    *) make "$1" "${2:-bookworm}" ;;
esac
