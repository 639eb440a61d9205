# shellcheck shell=bash
# What a slot's boot partition and the card's first partition hold.

# make_initrd ARCH MODULES RELEASE OUT packs our init and the modules on the way to the root.
make_initrd() {
  local arch=$1 modules=$2 release=$3 out=$4 tree name path
  tree=$(mktemp -d)
  mkdir -p "$tree"/{dev,proc,sys,run,root,modules}
  (cd "$top" && GOARCH=$arch CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -buildid=' -o "$tree/init" ./image/initrd)
  while read -r name; do
    modprobe -d "$modules/usr" -S "$release" --show-depends --ignore-install "$name" 2>/dev/null | awk '$1 == "insmod" { print $2 }' || true
  done < <(words "$image/packages/initrd-modules") | awk '!seen[$0]++' | while read -r path; do
    cp "$path" "$tree/modules/"
    basename "$path" >>"$tree/modules/list"
  done
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  (cd "$tree" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 --reproducible) | zstd -q -19 -T1 -o "$out"
  rm -r "$tree"
}

# make_kernel_file ARCH KERNEL RELEASE OUT: arm64 kernels are not compressed by themselves; U-Boot undoes gzip.
make_kernel_file() {
  local from=$2/usr/lib/modules/$3/vmlinuz
  case $1 in
  arm64) gzip -n -9 -c "$from" >"$4" ;;
  *) cp "$from" "$4" ;;
  esac
}

# crc FILE prints its CRC32 as U-Boot's crc32 stores it: four bytes, the highest first.
crc() { gzip -1 -c "$1" | tail -c8 | head -c4 | od -An -tx4 --endian=little | tr -d ' \n' | xxd -r -p; }

# fat FILE MIB LABEL ID TREE makes a FAT32 file system with what TREE holds, in one order and with one date.
fat() {
  local file=$1 mib=$2 label=$3 id=$4 tree=$5 name
  rm -f "$file"
  truncate -s "${mib}M" "$file"
  mkfs.vfat -F 32 -s 1 -n "$label" -i "$id" --invariant "$file" >/dev/null
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  (cd "$tree" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort) | while read -r name; do
    if [ -d "$tree/$name" ]; then mmd -i "$file" "::$name"; else mcopy -m -i "$file" "$tree/$name" "::$name"; fi
  done
}

# make_script ARCH OUT puts the boot loader's script together.
make_script() {
  local arch=$1 out=$2 text
  text=$(mktemp)
  sed -e "s/@FIRST@/$(printf '%#x' "$((state_mib * 2048))")/" -e "s/@SECOND@/$(printf '%#x' "$(((state_mib + 4) * 2048))")/" \
    "$image/boot/addresses-$arch.cmd" "$image/boot/select.cmd" >"$text"
  mkimage -A "${arch/amd64/x86_64}" -T script -C none -n kiosk -d "$text" "$out" >/dev/null
  rm "$text"
}

# lay_board ARCH UNPACKED ROOT FAT: what one architecture's boards need besides.
lay_board() {
  local arch=$1 from=$2 root=$3 fat=$4
  mkdir -p "$root/usr/lib/sps-kiosk"
  cp "$image/boot/ports-$arch" "$root/usr/lib/sps-kiosk/ports.env"
  [ "$flavour" = base ] || sed -i "s/\"\$/ $(words "$image/boot/touch-$arch")\"/" "$root/usr/lib/sps-kiosk/ports.env"
  [ "$arch" = arm64 ] || return 0
  lay_raspberry "$from" "$root" "$fat"
}

# lay_raspberry UNPACKED ROOT FAT: firmware of the boards' own processor, U-Boot, device trees, radio.
lay_raspberry() {
  local from=$1 root=$2 fat=$3 f
  for f in bootcode.bin start.elf start4.elf fixup.dat fixup4.dat; do
    cp "$from/usr/lib/raspi-firmware/$f" "$fat/"
  done
  cp "$from/usr/lib/u-boot/rpi_arm64/u-boot.bin" "$fat/"
  dtc -@ -I dts -O dtb -q -o "$work/header.dtbo" "$image/boot/header.dts"
  find "$kernel/usr/lib/modules/$release/dtb/broadcom" -name 'bcm2837-rpi-3*.dtb' -o -name 'bcm2837-rpi-zero-2*.dtb' \
    -o -name 'bcm2711-rpi-4*.dtb' -o -name 'bcm2711-rpi-cm4-io.dtb' | while read -r f; do
    fdtoverlay -i "$f" -o "$fat/$(basename "$f")" "$work/header.dtbo"
  done
  cp "$kernel/usr/lib/modules/$release/dtb/broadcom"/bcm2712*-rpi-5-b.dtb "$fat/"
  cp "$image/boot/config.txt" "$fat/"
  mkenvimage -s 0x4000 -o "$fat/uboot.env" "$image/boot/uboot.env.txt"
  mkdir -p "$root/usr/lib/firmware"
  cp -a "$from/usr/lib/firmware/brcm" "$root/usr/lib/firmware/"
  find "$root/usr/lib/firmware/brcm" -type f ! -name 'brcmfmac43430*' ! -name 'brcmfmac43436*' ! -name 'brcmfmac43455*' ! -name 'BCM*' -delete
  if [ -d "$from/usr/lib/firmware/cypress" ]; then
    mkdir -p "$root/usr/lib/firmware/cypress"
    find "$from/usr/lib/firmware/cypress" -name 'cyfmac434[35]*' -exec cp -a {} "$root/usr/lib/firmware/cypress/" \;
  fi
}
