#!/bin/sh
# notify.sh STATE: what a director does besides holding the address (notify.conf). Runs to its end before the next one begins.
set -eu

case $1 in
    master)
        # Connection tracking of the old master, if conntrackd copied it here.
        if command -v conntrackd >/dev/null; then
            conntrackd -c
            conntrackd -R
        fi
        ;;
    backup | fault | stop) ;;
    *)
        echo "usage: notify.sh master|backup|fault|stop" >&2
        exit 2
        ;;
esac
logger -t holdfast-notify "state is $1"
