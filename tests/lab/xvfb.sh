#!/bin/bash
# xvfb.sh COMMAND...: runs COMMAND on a private X server with a display number of its own choice.
set -eu

log=$(mktemp)
exec 3<> <(:)
Xvfb -displayfd 3 -screen 0 "${XVFB_SCREEN:-800x600x24}" -nolisten tcp >"$log" 2>&1 3>&3 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -f "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if ! read -r -t 10 -u 3 display; then
    cat "$log" >&2
    exit 1
fi
unset WAYLAND_DISPLAY
status=0
DISPLAY=:$display "$@" 3>&- || status=$?
exit "$status"
