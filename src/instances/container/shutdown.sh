#!/bin/sh
# shutdown [-h | -P | -r] [now | +MINUTES]: powers the instance off, or boots it again; in a minute where no time is given.
how=poweroff
seconds=60
for word in "$@"; do
  case $word in
    -r | --reboot) how=reboot ;;
    -h | -P | -H | --halt | --poweroff) how=poweroff ;;
    now) seconds=0 ;;
    +[0-9]*) seconds=$((${word#+} * 60)) ;;
    -*) echo "shutdown: $word is not supported here" >&2; exit 1 ;;
  esac
done
[ "$seconds" -gt 0 ] || exec "$how"
(sleep "$seconds"; exec "$how") < /dev/null > /dev/null 2>&1 &
