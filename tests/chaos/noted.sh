#!/bin/sh
# noted.sh KIND DIRECTORY PROGRAM...: notes that the program runs, and becomes it. The kind, the unit, and what the system says of the process.
kind=$1 directory=$2
shift 2
unit=${GATEHOUSE_UNIT:-$GATEHOUSE_LEASE}
read -r stat </proc/self/stat
printf '%s\n%s\n%s\n' "$kind" "$unit" "$stat" >"$directory/$$.tmp"
mv "$directory/$$.tmp" "$directory/$unit.ran"
exec "$@"
