#!/bin/sh
# cloud-init-per FREQUENCY NAME COMMAND...: runs the command once, once for each instance, or always.
frequency=$1
name=$2
shift 2
mark=/var/lib/cloud/instance/sem/per.$name
case $frequency in
  always) ;;
  once | instance) [ ! -e "$mark" ] || exit 0 ;;
  boot) mark=/run/per.$name; [ ! -e "$mark" ] || exit 0 ;;
  *) echo "cloud-init-per: the frequency is once, instance, boot or always" >&2; exit 1 ;;
esac
"$@" || exit
mkdir -p "$(dirname "$mark")"
touch "$mark"
