# Part of scripts/setup: packages of Debian and Ubuntu.

busybox_is_static() {
  has busybox && ! ldd "$(command -v busybox)" >/dev/null 2>&1
}

# The tests' witness is version 2: another one that comes first on the PATH does not count.
aws_works() {
  [ -x /usr/bin/aws ] || aws --version 2>/dev/null | grep -q '^aws-cli/2'
}

# The packages that are missing, in one line.
missing_packages() {
  local list=()
  has iptables || list+=(iptables)
  has nft || list+=(nftables)
  has haproxy || list+=(haproxy)
  has ip || list+=(iproute2)
  has nsenter || list+=(util-linux)
  has curl || list+=(curl ca-certificates)
  has openssl || list+=(openssl)
  if ! engine_answers && ! has dockerd; then list+=(docker.io); fi
  # From Debian 13 on, docker.io only recommends the client.
  if ! has docker; then list+=(docker-cli); fi
  # EC2 instances boot with it.
  [ -n "$for_tests" ] || has busybox || list+=(busybox-static)
  if [ -n "$for_tests" ]; then
    busybox_is_static || list+=(busybox-static)
    aws_works || list+=(awscli)
    has skopeo || list+=(skopeo)
    has podman || list+=(podman)
    has buildah || list+=(buildah)
  fi
  echo "${list[*]:-}"
}

# The site's base image is httpd:2.4; where Docker Hub does not answer, mmdebstrap makes one from Debian's apache2.
missing_packages_of_demo() {
  local base
  for base in httpd:2.4 longshore/httpd:debian; do
    if docker image inspect "$base" >/dev/null 2>&1; then return; fi
  done
  if has mmdebstrap || curl --silent --max-time 5 --output /dev/null https://registry-1.docker.io/v2/; then return; fi
  echo mmdebstrap
}

known_to_apt() {
  apt-cache show --no-all-versions "$1" 2>/dev/null | grep -q '^Package:'
}

# Installs what `missing_packages` named.
install_packages() {
  local wanted=$1 package list=()
  [ -n "$wanted" ] || return 0
  if ! has apt-get; then
    fail "please install what these Debian packages hold, then run this again: $wanted"
  fi
  if [ "$(id -u)" != 0 ]; then
    fail "please run: sudo apt-get update && sudo apt-get install -y --no-install-recommends $wanted"
  fi
  say "installing $wanted"
  export DEBIAN_FRONTEND=noninteractive
  if [ -z "${apt_is_fresh:-}" ]; then
    quietly apt-get update
    apt_is_fresh=yes
  fi
  for package in $wanted; do
    if [ "$package" = docker-cli ] && ! known_to_apt docker-cli; then package=docker.io; fi
    list+=("$package")
  done
  quietly apt-get install -y --no-install-recommends "${list[@]}"
  hash -r
}
