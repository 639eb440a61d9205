# shellcheck shell=bash
# The card as one file: partitions at fixed places, put there without loop devices, mounts or root.

# The layout in MiB. State and boot partitions stay where they are for ever: the boot loader's script knows the sectors.
fat_mib=48 state_mib=56 state_size=8 boot_size=48 data_size=96
boot_a=64 boot_b=112 root_a=160
declare -A root_sizes=([base]=144 [screen]=768)

# table IMAGE writes the GPT, and beside it three MBR entries for boot ROMs that know nothing else (Pi 3, Zero 2 W).
table() {
  local out=$1 root=${root_sizes[$flavour]}
  local root_b=$((root_a + root)) data=$((root_a + 2 * root))
  truncate -s $((data + data_size + 4))M "$out"
  sfdisk --quiet "$out" <<T
label: gpt
label-id: $(uuid disk)
start=8MiB, size=${fat_mib}MiB, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, name=kiosk, attrs=LegacyBIOSBootable, uuid=$(uuid kiosk)
start=${state_mib}MiB, size=${state_size}MiB, type=linux, name=state, uuid=$(uuid state)
start=${boot_a}MiB, size=${boot_size}MiB, type=linux, name=boot_a, uuid=$(uuid boot_a)
start=${boot_b}MiB, size=${boot_size}MiB, type=linux, name=boot_b, uuid=$(uuid boot_b)
start=${root_a}MiB, size=${root}MiB, type=linux, name=root_a, uuid=$(uuid root_a)
start=${root_b}MiB, size=${root}MiB, type=linux, name=root_b, uuid=$(uuid root_b)
start=${data}MiB, size=${data_size}MiB, type=linux, name=data, uuid=$(uuid data)
T
  # MBR entry 1: FAT32 (0c) over the first partition; entry 2: the protective one (ee) that begins with the table.
  sgdisk --hybrid=1:EE "$out" >/dev/null
  # It said yes once without having written the table (arm64, 2026-11-22, a crowded machine): entry 1 begins at 8 MiB, or there is no card.
  [ "$(xxd -s $((446 + 8)) -l 4 -p "$out")" = 00400000 ] || { echo "$out: the MBR's entries were not written; build again" >&2; return 1; }
  printf '\x0c' | dd of="$out" bs=1 seek=$((446 + 4)) conv=notrunc status=none
}

# put FILE MIB writes a part of the card.
put() { dd if="$1" of="$card" bs=1M seek="$2" conv=notrunc,sparse status=none; }

# make_data FILE makes the data partition with the folders that the card binds. What mke2fs takes for so small a file system, blocks of
# 1 KiB and an inode for four of them, would make 7.8 million inodes of 2 GB when it has grown to 32 GB.
make_data() {
  local tree
  tree=$(mktemp -d)
  mkdir -p "$tree"/{kiosk,scan,clock,update,technician}
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  rm -f "$1"
  truncate -s ${data_size}M "$1"
  E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -t ext4 -b 4096 -i 65536 -J size=16 -L data -m 1 -O metadata_csum,^orphan_file -U "$(uuid ext4)" \
    -E "hash_seed=$(uuid hash),lazy_itable_init=0,root_owner=0:0" -d "$tree" "$1"
  # A folder's ctime is when it was made here; nothing but debugfs writes another.
  find "$tree" -mindepth 1 -printf 'set_inode_field %P ctime @'"$SOURCE_DATE_EPOCH"'\n' | debugfs -w -f - "$1" >/dev/null 2>&1
  rm -r "$tree"
}
