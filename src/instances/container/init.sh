#!/bin/sh
# Process 1 of an instance. It sets the machine up from the seed that the server has written, starts the container
# engine and keeps it, runs user data at the first boot, reaps what ends, and on a signal brings all of it to an end: on
# SIGUSR1 and SIGUSR2 (halt, poweroff) with code 10, on SIGTERM (the host, or reboot) with code 0.
#
#   /run/longshore/seed   read only, written before each boot: hostname, hosts, resolv.conf, authorized_keys, engine,
#                         first-boot.sh, every-boot.sh, parts/
#   /run/longshore/state  read by the server: user-data (pending, running, done or failed), docker.sock
#   /var/lib/cloud        on the disk: what has run

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root
seed=/run/longshore/seed
state=/run/longshore/state
cloud=/var/lib/cloud/instance
output=/run/user-data.pipe
stopping=''
exit_code=0
failed=''
trap 'stopping=yes' TERM INT
trap 'stopping=yes exit_code=10' USR1 USR2

say() { echo "init: $*"; }

# Version 1 arrives read only, with the container's own group as its root; version 2 needs its controllers passed on.
mount_control_groups() {
  cd /
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -o remount,rw /sys/fs/cgroup || { umount /sys/fs/cgroup && mount -t cgroup2 cgroup /sys/fs/cgroup; }
    mkdir -p /sys/fs/cgroup/init
    for process in $(cat /sys/fs/cgroup/cgroup.procs); do
      echo "$process" > /sys/fs/cgroup/init/cgroup.procs
    done 2> /dev/null
    sed -e 's/ / +/g' -e 's/^/+/' < /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
    return
  fi
  grep ' /sys/fs/cgroup/' /proc/mounts | while read -r _ place type options _; do
    [ "$type" = cgroup ] || continue
    named=$(echo "$options" | tr ',' '\n' | grep '^name=')
    controllers=$(basename "$place")
    umount "$place" && mount -t cgroup -o "${named:+none,}${named:-$controllers}" cgroup "$place"
  done
}

set_up_names() {
  [ -d "$seed" ] || return
  hostname -F "$seed/hostname"
  for name in hostname hosts resolv.conf; do cp "$seed/$name" /etc/; done
  if [ -s "$seed/authorized_keys" ]; then
    mkdir -p -m 700 /home/ec2-user/.ssh
    cp "$seed/authorized_keys" /home/ec2-user/.ssh/authorized_keys
    chmod 600 /home/ec2-user/.ssh/authorized_keys
    chown -R ec2-user:ec2-user /home/ec2-user
  fi
}

# An engine that ends is started again, as systemd does it.
keep_engine() {
  while [ ! -e /run/stopping ]; do
    # Of an engine that was killed.
    rm -f /run/docker.pid /run/docker/containerd/containerd.pid
    # shellcheck disable=SC2046
    dockerd --exec-root /run/docker --pidfile /run/docker.pid --data-root /var/lib/docker \
      --host unix:///run/docker.sock --host "unix://$state/docker.sock" $(cat "$seed/engine") \
      >> /var/log/docker.log 2>&1 3>&- &
    engine=$!
    wait "$engine"
    code=$?
    [ -e /run/stopping ] || { say "the container engine ended with code $code; its last words:"; tail -n 3 /var/log/docker.log; }
    sleep 0.5
  done
}

# Waits up to $2 tenths of a second for the command $1 to succeed.
until_true() {
  left=$2
  while ! eval "$1"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 0.1
  done
}

wait_for_network() {
  until_true 'ip route | grep -q ^default' 1200 || say 'there is no network after two minutes: going on without it'
}

note() { echo "$1" > "$state/user-data.new" && mv "$state/user-data.new" "$state/user-data"; }

# What the seed's scripts are made of; a step that fails is told and counted, and the next one runs.
run_step() {
  "$@" > "$output" 2>&1 3>&- && return
  code=$?
  say "user data: $1 ended with code $code" > "$output"
  failed=yes
}

run_part() {
  mkdir -p "$cloud/scripts"
  cp "$seed/parts/$1" "$cloud/scripts/$1"
  chmod 700 "$cloud/scripts/$1"
  run_step "$cloud/scripts/$1"
}

# PATH MODE OWNER PART [append]
put_file() {
  mkdir -p "$(dirname "$1")"
  if [ "${5:-}" = append ]; then cat "$seed/parts/$4" >> "$1"; else cat "$seed/parts/$4" > "$1"; fi &&
    chmod "$2" "$1" && chown "$3" "$1"
}

refuse() {
  say "user data: $*" > "$output"
  failed=yes
}

every_boot() {
  [ -s "$seed/every-boot.sh" ] || return
  wait_for_network
  . "$seed/every-boot.sh"
}

first_boot() {
  if [ -e "$cloud/result" ]; then note "$(cat "$cloud/result")"; return; fi
  if [ -s "$seed/first-boot.sh" ]; then
    # Begun before and not ended: it was shut down in the middle. It runs once all the same.
    if [ -e "$cloud/begun" ]; then note failed; echo failed > "$cloud/result"; return; fi
    wait_for_network
    [ ! -x /usr/sbin/dockerd ] || until_true '[ -S /run/docker.sock ]' 300
    mkdir -p "$cloud"
    touch "$cloud/begun"
    note running
    cd /
    . "$seed/first-boot.sh"
  fi
  mkdir -p "$cloud"
  if [ -n "$failed" ]; then result=failed; else result=done; fi
  echo "$result" > "$cloud/result"
  touch "$cloud/boot-finished"
  say "user data: $result" > "$output"
  note "$result"
}

boot() {
  every_boot
  if [ -x /usr/sbin/dockerd ]; then keep_engine & fi
  first_boot &
  # Those two are process 1's to wait for.
  wait
}

shut_down() {
  say 'shutting down'
  touch /run/stopping
  engine=$(cat /run/docker.pid 2> /dev/null)
  if [ -n "$engine" ] && kill -TERM "$engine" 2> /dev/null; then
    until_true "[ ! -d /proc/$engine ]" 600
  fi
  kill -TERM -1
  until_true '! others_run' 20
  sync
  say 'halted'
  exit "$exit_code"
}

others_run() {
  for folder in /proc/[1-9]*; do
    [ "$folder" = /proc/1 ] || return 0
  done
  return 1
}

note pending
rm -rf /tmp/* /run/stopping
mkdir -p /var/log /run/lock
mkfifo "$output"
tee -a /var/log/cloud-init-output.log < "$output" &
# Held open: the pipe must not end between two steps.
exec 3> "$output"
ip link set lo up
set_up_names
say "this is $(hostname)"
[ ! -x /usr/sbin/dockerd ] || mount_control_groups
boot &
# Whatever ends meanwhile is reaped by the wait.
while [ -z "$stopping" ]; do
  sleep inf &
  wait $!
done
shut_down
