// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include "bench.h"

/* One command, one write:
 *   line <n> 0|1|z            drive a line from outside, or let it go
 *   looked <n>                wait until the guest has read the line since; parameter "looked" tells when
 *   chatter <n> 0|z <us> …    to and fro, beginning with that, for so many microseconds each
 *   bounce <n> 0|1|z <times>  close and open the contact so many times within microseconds, then stay
 *   spi <errno>               let SPI messages fail; 0 ends it
 *   tm1637 <clk> <dio> 0|1    put a display on two lines, or take it away
 *   mcp23017 <address> 0|1    put an expander on the bus, just switched on, or take it away
 */
static int drive_of(char c)
{
	switch (c) {
	case '0':
		return BENCH_LOW;
	case '1':
		return BENCH_HIGH;
	case 'z':
		return BENCH_FLOATS;
	}
	return -EINVAL;
}

static int outside(unsigned int n, enum bench_drive drive)
{
	if (n >= BENCH_EXPANDERS)
		return bench_mcp23017_outside(n, drive);
	return bench_gpio_outside(n, drive, true);
}

static int looked(unsigned int n)
{
	return n >= BENCH_EXPANDERS ? bench_mcp23017_looked(n) : bench_gpio_looked(n);
}

static int bounce(unsigned int n, int drive, unsigned int times)
{
	int err = 0;

	for (; times && !err; times--) {
		err = outside(n, BENCH_LOW);
		if (!err)
			err = outside(n, BENCH_FLOATS);
	}
	return err ? err : outside(n, drive);
}

/* Nothing comes between on this processor, and the timers of the guest's debounce wait on it: however
 * little time the guest's host gives it, chatter is one movement to it. */
static int chatter(unsigned int n, int drive, const char *times)
{
	unsigned long flags;
	unsigned int us;
	int used, err = 0;

	local_irq_save(flags);
	while (!err && sscanf(times, " %u%n", &us, &used) == 1) {
		err = outside(n, drive);
		mdelay(min(us / 1000, 100U));
		udelay(us % 1000);
		drive = drive == BENCH_LOW ? BENCH_FLOATS : BENCH_LOW;
		times += used;
	}
	local_irq_restore(flags);
	return err;
}

static int command(const char *text)
{
	unsigned int n, on, times;
	int clk, dio, err, address, drive, used;
	char c;

	if (sscanf(text, "line %u %c", &n, &c) == 2) {
		drive = drive_of(c);
		return drive < 0 ? drive : outside(n, drive);
	}
	if (sscanf(text, "chatter %u %c%n", &n, &c, &used) == 2) {
		drive = drive_of(c);
		return drive < 0 ? drive : chatter(n, drive, text + used);
	}
	if (sscanf(text, "looked %u", &n) == 1)
		return looked(n);
	if (sscanf(text, "bounce %u %c %u", &n, &c, &times) == 3) {
		drive = drive_of(c);
		return drive < 0 || times > 1000 ? -EINVAL : bounce(n, drive, times);
	}
	if (sscanf(text, "spi %d", &err) == 1) {
		bench_spi_fail(-err);
		return 0;
	}
	if (sscanf(text, "tm1637 %d %d %u", &clk, &dio, &on) == 3)
		return bench_tm1637_place(clk, dio, on);
	if (sscanf(text, "mcp23017 %i %u", &address, &on) == 2)
		return bench_mcp23017_place(address, on);
	return -EINVAL;
}

static ssize_t bench_write(struct file *f, const char __user *from, size_t n, loff_t *at)
{
	char text[256];
	int err;

	if (n >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, n))
		return -EFAULT;
	text[n] = 0;
	err = command(text);
	return err ? err : n;
}

static ssize_t bench_read(struct file *f, char __user *to, size_t n, loff_t *at)
{
	return bench_record_read(f, to, n);
}

static const struct file_operations files = {
	.owner = THIS_MODULE,
	.read = bench_read,
	.write = bench_write,
	.poll = bench_record_poll,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bench",
	.fops = &files,
};

static int __init bench_init(void)
{
	int err = bench_record_init();

	if (err)
		return err;
	err = bench_gpio_init();
	if (err)
		goto no_gpio;
	err = bench_spi_init();
	if (err)
		goto no_spi;
	err = bench_mcp23017_init();
	if (err)
		goto no_i2c;
	err = misc_register(&device);
	if (!err)
		return 0;
	bench_mcp23017_exit();
no_i2c:
	bench_spi_exit();
no_spi:
	bench_gpio_exit();
no_gpio:
	bench_record_exit();
	return err;
}

static void __exit bench_exit(void)
{
	misc_deregister(&device);
	bench_mcp23017_exit();
	bench_spi_exit();
	bench_gpio_exit();
	bench_record_exit();
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Lines and buses of a virtual kiosk board");
