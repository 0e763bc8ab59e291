#!/bin/sh
# check-proxy.sh URL: whether a proxy on this machine answers, for a vrrp_script (tracking.conf). Quick: it runs every 2 s.
exec timeout 1 curl --silent --fail --output /dev/null "$1"
