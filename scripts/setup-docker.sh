# Part of scripts/setup: a Docker Engine that answers.

engine_log=${ENGINE_LOG:-/var/log/dockerd.log}

# Waits for so many fifths of a second, or until the process that should become the engine has ended.
wait_for_engine() {
  local tries
  for tries in $(seq 1 "$1"); do
    if engine_answers; then return 0; fi
    if [ -n "${2:-}" ] && ! kill -0 "$2" 2>/dev/null; then return 1; fi
    sleep 0.2
  done
  return 1
}

start_docker() {
  if engine_answers; then return; fi
  [ "$(id -u)" = 0 ] || fail "no Docker Engine answers: start it (sudo systemctl start docker), or run this as root"
  [ -z "${DOCKER_HOST:-}" ] || fail "no Docker Engine answers at $DOCKER_HOST (DOCKER_HOST)"
  has dockerd || fail "no Docker Engine answers and dockerd is not installed"
  # The package may just have started one.
  if pgrep -x dockerd >/dev/null && wait_for_engine 25; then return; fi
  say "starting the Docker Engine"
  local pid=''
  if [ -d /run/systemd/system ]; then
    quietly systemctl start docker
  else
    setsid dockerd >"$engine_log" 2>&1 </dev/null &
    pid=$!
  fi
  if ! wait_for_engine 150 "$pid"; then
    tail -n 15 "$engine_log" >&2 || true
    fail "the Docker Engine does not answer; its log is above, or in journalctl -u docker"
  fi
}
