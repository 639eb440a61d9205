# shellcheck shell=bash
# The root of one version: Debian's packages, the kernel's modules, the firmware, units and settings, in one squashfs with
# its hash tree behind it.

# lay_units DIR puts the units and what goes with them where systemd looks.
lay_units() {
  local to=$1
  mkdir -p "$to"/usr/lib/{systemd/system,sysusers.d,udev/rules.d}
  cp "$image"/units/*.service "$image"/units/*.socket "$to/usr/lib/systemd/system/"
  cp "$image/units/sps-kiosk.sysusers" "$to/usr/lib/sysusers.d/sps-kiosk.conf"
  cp "$image/units/sps-kiosk.rules" "$to/usr/lib/udev/rules.d/60-sps-kiosk.rules"
}

# lay_mounts DIR makes the folders that fstab mounts on: git keeps no empty ones, and on a root that nobody can write to
# none can be made.
lay_mounts() {
  awk '$2 ~ "^/" && $2 !~ "^/var/" { print $2 }' "$1/etc/fstab" | while read -r at; do mkdir -p "$1$at"; done
}

# lay_settings DIR ARCH FLAVOUR KEYS TAR makes /etc: users by systemd-sysusers, enabled units by presets.
lay_settings() {
  local to=$1 arch=$2 flavour=$3 keys=$4 tar=$5 staged
  staged=$(mktemp -d)
  tar -xf "$tar" -C "$staged" --no-same-owner --wildcards './etc/*' './usr/lib/systemd/*' './usr/lib/sysusers.d/*' './usr/lib/os-release'
  cp -a "$to/." "$staged/"
  systemd-sysusers --root="$staged" "$staged"/usr/lib/sysusers.d/sps-kiosk*.conf
  systemctl --root="$staged" preset-all 2>/dev/null
  rm -f "$staged"/etc/{passwd,group,shadow,gshadow}-
  cp -a "$staged"/etc/{passwd,group,shadow,gshadow} "$to/etc/"
  # Days since 1970 of a password's last change would tell the day of building.
  awk -F: -v OFS=: '{ $3 = 1; print }' "$staged/etc/shadow" >"$to/etc/shadow"
  mkdir -p "$to/etc/systemd/system"
  cp -a "$staged/etc/systemd/system/." "$to/etc/systemd/system/"
  rm -r "$staged"
  sed -i -e "s/@COMPATIBLE@/sps-kiosk-$arch/" -e "s/@FLAVOUR@/$flavour/" "$to/etc/rauc/system.conf"
  cp "$keys/ca.pem" "$to/etc/rauc/keyring.pem"
}

# linked is what the firmware is linked against: the card's own release, not this machine's.
linked='libc6 libc6-dev linux-libc-dev libusb-1.0-0 libusb-1.0-0-dev libudev1 libcap2'

# make_sysroot DIR takes them apart; the links are for linker scripts, which name /lib.
make_sysroot() {
  # shellcheck disable=SC2086
  take_apart '' $linked "$1"
  local name
  for name in lib lib64; do [ -e "$1/$name" ] || ln -s "usr/$name" "$1/$name"; done
}

# firmware ARCH SYSROOT OUT builds the kiosk.
firmware() {
  local arch=$1 sysroot=$2 out=$3 triple=x86_64-linux-gnu
  [ "$arch" = amd64 ] || triple=aarch64-linux-gnu
  (cd "$top" && env CGO_ENABLED=1 "GOARCH=$arch" "CC=$triple-gcc" "CGO_CFLAGS=-O2 -g0 --sysroot=$sysroot" "CGO_LDFLAGS=--sysroot=$sysroot" \
    "PKG_CONFIG_SYSROOT_DIR=$sysroot" "PKG_CONFIG_LIBDIR=$sysroot/usr/lib/$triple/pkgconfig" \
    go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$version" -o "$out" ./cmd/kiosk)
}

# dropped is what the card does not take from the packages: /var is in memory, packages are never changed on the card, and what
# starts by itself is lay_settings' choice, not theirs.
dropped='etc/systemd/system/* var/cache/* var/log/* var/lib/* var/backups/* etc/apt etc/*- boot/* tmp/* run/* root/.* usr/share/perl usr/share/perl5
  usr/lib/*/perl* usr/lib/*/libperl* usr/lib/*/gconv usr/bin/perl* usr/bin/apt* usr/lib/apt usr/share/doc usr/sbin/adduser usr/share/gnupg usr/lib/gnupg* usr/bin/gpg*
  usr/bin/dirmngr* usr/lib/udev/hwdb.bin usr/share/fonts/truetype etc/localtime etc/timezone'

# dropped_screen is what the browser can do without: its own words in other languages than Russian and English, a checker for makers of
# graphics drivers, pictures of faces. Patterns are Go's path.Match.
dropped_screen='usr/lib/chromium/locales/[^er]* usr/lib/chromium/locales/e[^n]* usr/lib/chromium/locales/en-[^U]* usr/lib/chromium/locales/r[^u]*
  usr/lib/chromium/locales/*_* usr/lib/chromium/locales/*.info usr/lib/chromium/libVkLayer_khronos_validation.so usr/share/gtk-3.0/emoji'

# make_squashfs TAR OUT FOLDER… composes and packs. Level 15 costs seconds and saves a tenth. Of a tar, mksquashfs makes / a folder that
# everybody may write to: dropbear then let nobody in.
make_squashfs() {
  local tar=$1 out=$2 drop=$dropped
  shift 2
  [ "$flavour" = base ] || drop="${drop/usr\/share\/fonts\/truetype/} $dropped_screen"
  (cd "$top" && go run ./image/mkroot -date "$SOURCE_DATE_EPOCH" -drop "$drop" "$tar" "$@") |
    mksquashfs - "$out" -tar -root-mode 0755 -root-uid 0 -root-gid 0 -comp zstd -Xcompression-level 15 -b 256K -quiet -no-progress >&2
  unsquashfs -ll "$out" | grep '^drwxr-xr-x root/root .* squashfs-root$' >/dev/null || { echo "$out: / is not root's alone" >&2; return 1; }
}

# seed NAME prints 64 hex digits that depend on the version alone: salts and ids differ between versions, not builds.
seed() { printf '%s %s %s %s' "$version" "$arch" "$flavour" "$1" | sha256sum | cut -c1-64; }

# uuid NAME prints one made of a seed.
uuid() { seed "$1" | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/'; }

# add_hashes SQUASHFS ARGS appends dm-verity's tree and writes what the boot loader tells the kernel.
add_hashes() {
  local file=$1 args=$2 size blocks salt hash
  size=$(stat -c %s "$file")
  blocks=$(((size + 4095) / 4096))
  truncate -s $((blocks * 4096)) "$file"
  salt=$(seed salt)
  hash=$(veritysetup format "$file" "$file" --hash-offset=$((blocks * 4096)) --data-blocks=$blocks --salt="$salt" \
    --uuid="$(uuid verity)" | awk '/^Root hash:/ { print $3 }')
  printf 'slot_args=kiosk.verity=%s,%s,%s %s\n' "$hash" "$blocks" "$salt" "$kernel_args" >"$args"
}
