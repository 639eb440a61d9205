# Where things are put on a board of 512 MB: memory begins elsewhere on each, so all is counted from where U-Boot puts
# kernels. Its own map is too tight for a kernel of 50 MiB.
setenv kernel_at ${kernel_addr_r}
setexpr initrd_at ${kernel_addr_r} + 0x5000000
setexpr scratch ${kernel_addr_r} + 0x4e00000
setexpr sums ${kernel_addr_r} + 0x4e80000
setexpr sums_second ${kernel_addr_r} + 0x4e80004
setexpr kernel_comp_addr_r ${kernel_addr_r} + 0x7000000
setenv kernel_comp_size 0x4000000
setenv board_args ""
setenv tree ${fdtcontroladdr}
if test -n "${fdt_addr}"; then setenv tree ${fdt_addr}; fi
# The serial line of the header is where the button «Сканировать» and the sounder are; other computers have no such node.
fdt addr ${tree}
fdt set /soc/serial@7e215040 status disabled
setenv start 'booti ${kernel_at} ${initrd_at}:${initrd_size} ${tree}'
