#!/bin/sh
# fifo-reader.sh FIFO: reads the lines that a director writes about its changes (notify.conf) and passes them on. Lines:
#   INSTANCE "web" MASTER 150         GROUP "gateway" BACKUP 0
#   VS [192.0.2.100]:tcp:80 UP        RS [192.0.2.11]:80 [192.0.2.100]:tcp:80 DOWN
# The director starts it with the FIFO as its last argument, and ends it. Opened for reading and writing: a FIFO without a
# writer would otherwise end the loop at every reload.
set -eu

exec <>"$1"
while read -r kind name state rest; do
    logger -t holdfast-event "$kind $name $state $rest"
done
