#!/bin/sh
# Runs a broker whose files lie on a disk of their own, which can be filled:
#
#   small_disk.sh KEYBEARER_HOME UID COMMAND...      in a mount namespace of its own, as its root
#
# Each line on stdin is an order (fill, free, copy: the audit file to KEYBEARER_HOME/audit.copy); the answer is a line in
# KEYBEARER_HOME/orders. UID is who runs the command; "same" where the namespace's root is root.
set -eu
home=$1 uid=$2
shift 2
disk=$home/disk
mkdir -m 700 -p "$disk" "$home/data" "$home/state"
mount -t tmpfs -o size=256k,mode=700 tmpfs "$disk"
for folder in data state; do
    cp -a "$home/$folder" "$disk/"
    mount --bind "$disk/$folder" "$home/$folder"
done
if [ "$uid" = same ]; then
    "$@" </dev/null &
else
    unshare --user --map-user="$uid" --map-group="$uid" "$@" </dev/null &
fi
broker=$!
trap 'kill $broker' TERM
: >"$home/orders"
while read -r order; do
    case $order in
        fill) dd if=/dev/zero of="$disk/ballast" bs=1k 2>/dev/null || true ;;
        free) rm "$disk/ballast" ;;
        copy) cp "$home/state/audit.log" "$home/audit.copy" ;;
    esac
    echo "$order" >>"$home/orders"
done
kill $broker || true
wait $broker
