# Part of scripts/setup: what its parts share.
said=no

say() {
  said=yes
  echo "setup: $*"
}

fail() {
  echo "setup: $*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# Runs a step quietly; shows what it printed only when it fails.
quietly() {
  local output
  if ! output=$("$@" 2>&1); then
    echo "$output" | tail -n 40 >&2
    fail "failed: $*"
  fi
}

engine_answers() {
  if has docker; then
    docker version --format '{{.Server.Version}}' >/dev/null 2>&1
  else
    has curl && curl --silent --fail --max-time 2 --unix-socket /var/run/docker.sock http://engine/_ping >/dev/null 2>&1
  fi
}
