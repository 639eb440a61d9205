/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench: the lines and the bus of a kiosk board inside a guest without hardware.
 *
 * main.c    the device /dev/bench: commands in, records out
 * record.c  the records, in the order in which things happened
 * gpio.c    a GPIO chip whose lines are driven from outside by commands
 * spi.c     an SPI controller that records each message
 * tm1637.c  a display on two of the lines, as far as it must answer: the acknowledge
 * mcp23017.c  expanders on an I2C bus; their pins are lines too, counted from BENCH_EXPANDERS
 *
 * A record is one line of text that begins with CLOCK_MONOTONIC in nanoseconds and a letter:
 *   O <line> <level>      the guest drives the line
 *   I <line>              the guest stopped driving the line
 *   B <line> up|down|off  the guest chose the bias
 *   X <line> 0|1|z        the outside drives the line or lets it go (echo of the command)
 *   S <cs> <hz> <hex>     one SPI message, from chip select to chip select
 *   L <n>                 n records were lost here
 */
#ifndef BENCH_H
#define BENCH_H

#include <linux/types.h>
#include <linux/poll.h>

int bench_record_init(void);
void bench_record_exit(void);
/* Appends a record: text, then the bytes in hex. May be called in any context. */
void bench_record(const u8 *bytes, size_t n, const char *fmt, ...) __printf(3, 4);
ssize_t bench_record_read(struct file *f, char __user *to, size_t n);
__poll_t bench_record_poll(struct file *f, poll_table *wait);

enum bench_drive { BENCH_LOW, BENCH_HIGH, BENCH_FLOATS };

/* The pins of the expander at 0x20 are lines 64 to 79 in commands and records, and so on to 0x27. */
#define BENCH_EXPANDERS 64
#define BENCH_LINES (BENCH_EXPANDERS + 8 * 16)

/* When the guest first looked at a line after the outside had moved it: CLOCK_MONOTONIC, ns. */
extern unsigned long bench_looked[BENCH_LINES];

int bench_gpio_init(void);
void bench_gpio_exit(void);
/* Changes what the outside does to a line; an edge is raised if the level changes. */
int bench_gpio_outside(unsigned int line, enum bench_drive drive, bool record);
/* Waits until the guest has read a line since the outside moved it last. */
int bench_gpio_looked(unsigned int line);

int bench_spi_init(void);
void bench_spi_exit(void);
/* From now on messages end with this error (0: none), and are recorded all the same. */
void bench_spi_fail(int err);

/* Puts a TM1637 on two lines, or takes it away. */
int bench_tm1637_place(int clk, int dio, bool present);
/* Tells the display the level that the guest put on a line; called with no lock held. */
void bench_tm1637_wire(unsigned int line, bool level);

int bench_mcp23017_init(void);
void bench_mcp23017_exit(void);
/* Puts an expander on the bus as it is after power-on, or takes it away. */
int bench_mcp23017_place(unsigned int address, bool present);
/* As bench_gpio_outside and bench_gpio_looked. An expander tells no edges: its pins are read, and read
 * again some time later, since whoever reads them debounces. */
int bench_mcp23017_outside(unsigned int line, enum bench_drive drive);
int bench_mcp23017_looked(unsigned int line);

#endif
