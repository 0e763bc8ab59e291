#!/bin/sh
# Asks a provider with the EC2 interface to point an elastic address at this machine. notify_master of unicast-cloud.conf
# calls it. Reads ALLOCATION_ID and INTERFACE_ID; needs the aws command and a role that may call ec2:AssociateAddress.
set -eu

. /etc/default/elastic-address

# The call may meet a network that has just changed: a few tries, each with a limit of its own.
for try in 1 2 3 4 5; do
    if timeout 10 aws ec2 associate-address --allocation-id "$ALLOCATION_ID" --network-interface-id "$INTERFACE_ID" \
        --allow-reassociation --output text; then
        logger -t elastic-address "$ALLOCATION_ID is at $INTERFACE_ID (try $try)"
        exit 0
    fi
    sleep 1
done
logger -p daemon.err -t elastic-address "$ALLOCATION_ID could not be moved to $INTERFACE_ID"
exit 1
