# shellcheck shell=bash
# The root file system of Debian packages, without anything of ours: it changes only when the set of packages does.

# root_list ARCH FLAVOUR prints the packages asked for.
root_list() {
  words "$image/packages/base"
  [ "$2" = base ] || words "$image/packages/$2"
}

# binfmt ARCH makes this machine able to run programs of another architecture, or says what to do.
binfmt() {
  local machine=/proc/sys/fs/binfmt_misc conf=/usr/lib/binfmt.d/qemu-aarch64.conf
  [ "$1" = "$(dpkg --print-architecture)" ] && return 0
  [ -e $machine/qemu-aarch64 ] && return 0
  if [ "$(id -u)" = 0 ] && [ -e $conf ]; then
    [ -e $machine/register ] || mount -t binfmt_misc binfmt_misc $machine
    cat $conf >$machine/register && return 0
  fi
  printf '%s\n' "This machine cannot run arm64 programs. As root, once:" "  apt-get install qemu-user-static" \
    "  mount -t binfmt_misc binfmt_misc $machine     (where it is not mounted)" \
    "  cat $conf >$machine/register                  (where systemd-binfmt has not done it)" >&2
  return 1
}

# make_root ARCH FLAVOUR SOURCES TAR runs mmdebstrap.
make_root() {
  local arch=$1 flavour=$2 sources=$3 tar=$4 mode=unshare options=() path
  binfmt "$arch"
  [ "$(id -u)" = 0 ] && mode=root
  while read -r path; do options+=(--dpkgopt="path-exclude=$path"); done < <(words "$image/packages/excluded")
  mmdebstrap --mode=$mode --variant=essential --architectures="$arch" --format=tar \
    --include="$(root_list "$arch" "$flavour" | paste -sd,)" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io \
    "${options[@]}" --dpkgopt='path-include=/usr/share/doc/*/copyright' '' "$tar" "$sources" >&2
}
