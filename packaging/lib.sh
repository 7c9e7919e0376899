# shellcheck shell=bash
# Shared by the scripts beside it. Sourced, not run.

# Where Debian roots are kept between runs; they cost minutes to make.
roots=${LATCHKEY_ROOTS:-$PWD/target/packages/roots}
mirror=${LATCHKEY_MIRROR:-http://deb.debian.org/debian}

say() {
  printf '\n== %s\n' "$*"
}

fail() {
  printf '%s: %s\n' "$0" "$*" >&2
  exit 1
}

need() {
  local program package
  for pair in "$@"; do
    program=${pair%%:*} package=${pair#*:}
    command -v "$program" >/dev/null || fail "$program is missing. On Debian: apt-get install $package"
  done
}

need_root() {
  [ "$(id -u)" = 0 ] || fail "$* needs root: it makes a Debian root and mounts inside it. Run it with sudo."
}

# in_root ROOT "SOURCE:TARGET ..." COMMAND ..
# Runs a command in a root, in a mount namespace of its own: whatever happens, no mount is left behind.
in_root() {
  local root=$1 binds=$2
  shift 2
  # shellcheck disable=SC2016 # expanded inside
  unshare --mount --propagation private -- bash -euc '
    root=$1 binds=$2
    shift 2
    mount -t proc proc "$root/proc"
    for bind in $binds; do
      mkdir -p "$root${bind#*:}"
      mount --bind "${bind%%:*}" "$root${bind#*:}"
    done
    exec chroot "$root" "$@"' in_root "$root" "$binds" "$@"
}

# make_root NAME SUITE PACKAGES: a Debian root, made once. Half a root is never taken for a whole one.
make_root() {
  local root=$roots/$1 recipe
  if [ ! -e "$root" ]; then
    say "A Debian root: $2 in $root"
    need debootstrap:debootstrap
    mkdir -p "$roots"
    rm -rf "$root.new"
    # A release that is newer than debootstrap is made like the newest of all.
    recipe=/usr/share/debootstrap/scripts/$2
    [ -e "$recipe" ] || recipe=/usr/share/debootstrap/scripts/sid
    unshare --mount --propagation private -- \
      debootstrap --variant=minbase --include="$3" "$2" "$root.new" "$mirror" "$recipe" >"$roots/$1.log" 2>&1 ||
      fail "debootstrap failed; see $roots/$1.log"
    mv "$root.new" "$root"
  fi
}
