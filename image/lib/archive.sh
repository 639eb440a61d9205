# shellcheck shell=bash
# A private apt for Debian trixie: its own lists, state and sources, so that the machine's are left alone and no root is
# needed. The mirror is the machine's own, learnt from apt and written nowhere but in the cache.

suite=trixie
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# site RELEASE prints the address that this machine takes a Debian release from.
site() { env -u APT_CONFIG apt-get update --print-uris | sed -n "s#^'\(.*\)/dists/$1/InRelease'.*#\1#p" | sed -n 1p; }

# sources LIST… prints apt's sources for the suites named.
sources() {
  local host main security s
  host=$(. /etc/os-release && echo "$VERSION_CODENAME")
  main=$(site "$host")
  security=$(site "$host-security")
  [ -n "$main" ] || { echo "no source of Debian's main in apt's settings" >&2; return 1; }
  for s in "$@"; do
    case $s in
    *-security) echo "deb [signed-by=$keyring] ${security:-${main}-security} $s main non-free-firmware" ;;
    *) echo "deb [signed-by=$keyring] $main $s main non-free-firmware" ;;
    esac
  done
}

# open_archive DIR ARCH makes the private apt there and reads the lists. Without the network the last lists hold.
open_archive() {
  local dir=$1 arch=$2
  mkdir -p "$dir"/{state/lists/partial,cache/archives/partial,debs,preferences}
  : >"$dir/status"
  sources $suite $suite-updates $suite-security $suite-backports >"$dir/sources.list"
  printf '%s\n' "Dir::State \"$dir/state\";" "Dir::State::status \"$dir/status\";" "Dir::Cache \"$dir/cache\";" \
    "Dir::Etc::sourcelist \"$dir/sources.list\";" 'Dir::Etc::sourceparts "/dev/null";' \
    'Dir::Etc::preferencesparts "/dev/null";' "APT::Architecture \"$arch\";" "APT::Architectures { \"$arch\"; };" \
    'APT::Sandbox::User "root";' 'APT::Install-Recommends "false";' 'Acquire::Languages "none";' >"$dir/apt.conf"
  export APT_CONFIG=$dir/apt.conf
  apt-get -qq update || echo "the archive does not answer: the lists of last time hold" >&2
}

# resolve PACKAGE… prints "name version" of everything that installing these on nothing would install.
resolve() {
  apt-get -s install '?essential' "$@" | awk '$1 == "Inst" { gsub(/[(]/, "", $3); print $2, $3 }' | LC_ALL=C sort
}

# fetch DIR NAME[=VERSION]… downloads packages into DIR.
fetch() {
  local dir=$1
  shift
  (cd "$dir" && apt-get -qq download "$@")
}
