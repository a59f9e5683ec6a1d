# Part of scripts/setup: npm packages as the lockfile has them, and the pinned Node among them.

need_npm() {
  has node && has npm || fail "Node 20 or newer with npm is needed: https://nodejs.org/en/download"
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "Node 20 or newer is needed; this is $(node --version)"
}

# Whether node_modules is what package-lock.json says: by our stamp, or because npm wrote it after the lockfile.
npm_is_fresh() {
  [ -d node_modules ] || return 1
  if [ -f node_modules/.setup-stamp ] && [ "$(cat node_modules/.setup-stamp)" = "$1" ]; then return 0; fi
  [ node_modules/.package-lock.json -nt package-lock.json ]
}

install_npm_packages() {
  local stamp
  stamp=$(sha256sum package-lock.json | cut -d' ' -f1)
  if ! npm_is_fresh "$stamp"; then
    say "installing npm packages"
    quietly npm ci --no-audit --no-fund --loglevel=error
  fi
  sh scripts/setup-node || exit 1
  echo "$stamp" >node_modules/.setup-stamp
}
