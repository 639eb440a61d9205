# shellcheck shell=bash
# The kernel of trixie-backports, which a Raspberry Pi 5 needs, taken apart without being installed.

# kernel_version ARCH prints the version of the kernel's packages in backports.
kernel_version() { apt-cache madison "linux-image-$1" | awk -v s=$suite-backports/ 'index($0, s) && !found++ { print $3 }'; }

# kernel_release ARCH VERSION prints its name as uname -r says it.
kernel_release() {
  apt-cache show "linux-image-$1=$2" | sed -n "s/^Depends:.*linux-image-\([0-9][^ ,]*-$1\).*/\1/p" | sed -n 1p
}

# take_apart VERSION PACKAGE… DIR unpacks packages below DIR and keeps their names and versions there.
take_apart() {
  local version=$1 dir=${*: -1} debs p deb
  shift
  set -- "${@:1:$#-1}"
  debs=$(mktemp -d)
  for p in "$@"; do fetch "$debs" "$p${version:+=$version}"; done
  mkdir -p "$dir"
  for deb in "$debs"/*.deb; do
    dpkg-deb -x "$deb" "$dir"
    # shellcheck disable=SC2016
    dpkg-deb -W --showformat='${Package} ${Version}\n' "$deb" >>"$dir/packages"
  done
  rm -r "$debs"
}

# make_kernel ARCH VERSION RELEASE DIR: with depmod's list of which module needs which.
make_kernel() {
  take_apart "$2" "linux-base-$3" "linux-binary-$3" "linux-modules-$3" "$4"
  depmod -b "$4/usr" "$3"
}

# pick_modules KERNEL RELEASE DIR copies the modules that the card can need and what those need, uncompressed: the root and
# the initrd are compressed as a whole.
pick_modules() {
  local release=$2 from=$1/usr/lib/modules/$2 to=$3/usr/lib/modules/$2 pattern
  pattern=$(words "$image/packages/modules" | paste -sd'|')
  mkdir -p "$to"
  cp "$from"/modules.builtin "$from"/modules.builtin.modinfo "$from"/modules.order "$to"
  (cd "$from" && grep -E "^kernel/($pattern)" modules.dep | grep -vE '^kernel/lib/.*(test|kunit)' | tr -d ':' | tr ' ' '\n' | sort -u | xargs cp --parents -t "$to")
  find "$to/kernel" -name '*.xz' -exec xz -d {} +
  depmod -b "$3/usr" "$release"
}
