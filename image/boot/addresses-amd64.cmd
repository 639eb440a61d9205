# Where things are put on a PC of 512 MB, and how its kernel is started (U-Boot doc/arch/x86: zboot).
setenv kernel_at 0x2000000
setenv initrd_at 0x6000000
setenv scratch 0x1e00000
setenv sums 0x1e80000
setenv sums_second 0x1e80004
# The kernel's check of the timer counts ticks of a machine that QEMU lets stand still at times, and gives up.
setenv board_args "console=tty0 console=ttyS0,115200 no_timer_check"
setenv start 'zboot ${kernel_at} ${kernel_size} ${initrd_at} ${initrd_size}'
