#!/bin/bash
# with-keyring.sh [--locked|--none] COMMAND...: runs COMMAND on a private D-Bus session bus with a gnome-keyring of its
# own: unlocked, locked with nobody to unlock it, or none at all. The real session and its keyring are not touched, and
# nothing of the private one is left when COMMAND ends.
set -eu

mode=unlocked
case "${1:-}" in
    --locked | --none) mode=${1#--} && shift ;;
esac
[ $# -gt 0 ] || { echo "usage: with-keyring.sh [--locked|--none] COMMAND..." >&2; exit 2; }

work=$(mktemp -d "${TMPDIR:-/tmp}/kr.XXXXXX")
bus_pid=
keyring_pid=
cleanup() {
    for pid in $keyring_pid $bus_pid; do
        kill "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p "$work/home" "$work/run" "$work/data/keyrings" "$work/config" "$work/cache"
chmod 700 "$work" "$work/run"
export HOME=$work/home XDG_RUNTIME_DIR=$work/run XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache
unset GNOME_KEYRING_CONTROL DBUS_SESSION_BUS_PID

# A bus that starts no service by itself: "no keyring" is really none.
cat >"$work/bus.conf" <<EOF
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=$work/run/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
EOF

wait_for() { # DESCRIPTION COMMAND...: at most ten seconds
    local what=$1 end=$((SECONDS + 10))
    shift
    while [ $SECONDS -le $end ]; do
        "$@" >/dev/null 2>&1 && return
        sleep 0.02
    done
    echo "with-keyring.sh: $what did not start" >&2
    cat "$work"/*.log >&2
    exit 1
}

has_secrets() {
    dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
        string:org.freedesktop.secrets | grep -q 'boolean true'
}

start_keyring() { # arguments go to the daemon, which reads a password from stdin with --unlock
    gnome-keyring-daemon --foreground --components=secrets --control-directory="$work/run/keyring" "$@" \
        <&0 >"$work/keyring.log" 2>&1 &
    keyring_pid=$!
    wait_for "gnome-keyring" has_secrets
}

dbus-daemon --nofork --config-file="$work/bus.conf" >"$work/bus.log" 2>&1 &
bus_pid=$!
wait_for "the session bus" test -S "$work/run/bus"
export DBUS_SESSION_BUS_ADDRESS=unix:path=$work/run/bus

if [ "$mode" != none ]; then
    # The password must not be empty: with an empty one no keyring is created and every write fails.
    start_keyring --unlock < <(printf test)
fi
if [ "$mode" = locked ]; then
    dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
        org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
fi

# In the background and waited for: only so does the trap run at once when this script is told to end.
status=0
"$@" <&0 &
command_pid=$!
trap 'kill "$command_pid" 2>/dev/null; exit 130' INT
trap 'kill "$command_pid" 2>/dev/null; exit 143' TERM
wait "$command_pid" || status=$?
exit "$status"
