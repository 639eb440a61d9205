# Chooses the system to boot by the rules of image/slot and starts it. U-Boot's language; no arithmetic, since its x86
# build has none. The building machine fills in @FIRST@ and @SECOND@, the sectors of the two copies of the state block,
# and puts addresses.cmd of the architecture before and start.cmd after this.
echo "KIOSK-BOOT: ${devtype} ${devnum}"
${devtype} dev ${devnum}

# The state: the newer of the copies that can be believed. Turns go 0 1 2 0.
setenv GOOD A
setenv TRY none
setenv LEFT 0
setenv TURN 0
setenv first bad
setenv second bad
${devtype} read ${scratch} @FIRST@ 0x20
if env import -c ${scratch} 0x4000 GOOD LEFT TRY TURN; then
  setenv first ${TURN}
  setenv first_good ${GOOD}
  setenv first_try ${TRY}
  setenv first_left ${LEFT}
fi
${devtype} read ${scratch} @SECOND@ 0x20
if env import -c ${scratch} 0x4000 GOOD LEFT TRY TURN; then
  setenv second ${TURN}
fi
setenv held second
if test "${second}" = bad; then setenv held first; fi
if test "${first}" != bad; then
  if test "${first}${second}" != 01 -a "${first}${second}" != 12 -a "${first}${second}" != 20; then setenv held first; fi
fi
if test "${first}" = bad -a "${second}" = bad; then
  echo "KIOSK-BOOT: the state block is lost, slot A is taken for good"
elif test "${held}" = first; then
  setenv GOOD ${first_good}
  setenv TRY ${first_try}
  setenv LEFT ${first_left}
  setenv TURN ${first}
fi

# A trial costs one of its boots, written down before it begins; a boot without a trial writes nothing.
setenv slot ${GOOD}
if test "${TRY}" != none; then
  if test "${LEFT}" = 0; then
    echo "KIOSK-BOOT: slot ${TRY} did not prove itself, back to ${GOOD}"
    setenv TRY none
  else
    setenv slot ${TRY}
    if test "${LEFT}" = 1; then setenv LEFT 0; fi
    if test "${LEFT}" = 2; then setenv LEFT 1; fi
    if test "${LEFT}" = 3; then setenv LEFT 2; fi
    echo "KIOSK-BOOT: trial of slot ${TRY}, ${LEFT} left after this"
  fi
  setenv next 0
  if test "${TURN}" = 0; then setenv next 1; fi
  if test "${TURN}" = 1; then setenv next 2; fi
  setenv TURN ${next}
  env export -c -s 0x4000 ${scratch} GOOD LEFT TRY TURN
  if test "${held}" = first; then
    ${devtype} write ${scratch} @SECOND@ 0x20
    ${devtype} write ${scratch} @FIRST@ 0x20
  else
    ${devtype} write ${scratch} @FIRST@ 0x20
    ${devtype} write ${scratch} @SECOND@ 0x20
  fi
fi

# The slot's kernel and initrd, if they are whole; else those of the other slot.
setenv other B
if test "${slot}" = B; then setenv other A; fi
for s in ${slot} ${other}; do
  setenv part 3
  if test "${s}" = B; then setenv part 4; fi
  setenv whole no
  load ${devtype} ${devnum}:${part} ${initrd_at} initrd && setenv initrd_size ${filesize} && crc32 ${initrd_at} ${filesize} ${sums_second} && load ${devtype} ${devnum}:${part} ${kernel_at} kernel && setenv kernel_size ${filesize} && crc32 ${kernel_at} ${filesize} ${sums} && load ${devtype} ${devnum}:${part} ${scratch} sums && cmp.b ${scratch} ${sums} 8 && load ${devtype} ${devnum}:${part} ${scratch} args && env import -t ${scratch} ${filesize} slot_args && setenv whole yes
  if test "${whole}" = yes; then
    echo "KIOSK-BOOT: slot ${s}"
    setenv bootargs "${board_args} ${slot_args} kiosk.slot=${s} rauc.slot=${s} fsck.repair=yes panic=10"
    run start
  fi
  echo "KIOSK-BOOT: slot ${s} cannot be started"
done
reset
