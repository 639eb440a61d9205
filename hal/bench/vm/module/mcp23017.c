// SPDX-License-Identifier: GPL-2.0
/*
 * MCP23017 expanders on the header's I2C bus, /dev/i2c-1 (data sheet DS20001952): registers in pairs
 * with IOCON.BANK = 0, an address that counts up by itself, contacts and lamps on the pins. The
 * interrupt pins are wired to nothing, so the registers around them only keep what was written.
 */
#include <linux/i2c.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include "bench.h"

#define BUS 1
#define FIRST_ADDRESS 0x20
#define CHIPS 8
#define PINS 16
/* So long the program has to see a contact at rest: twice what its own debounce asks for. */
#define SETTLED (20 * NSEC_PER_MSEC)
#define LOOK_LIMIT (30 * HZ)

enum { IODIR = 0x00, IPOL = 0x02, IOCON = 0x0a, GPPU = 0x0c, INTF = 0x0e, GPIO = 0x12, OLAT = 0x14, REGISTERS = 0x16 };

enum look { SEEN, MOVED, LOOKED }; /* looked at once since the contact moved; SEEN: for SETTLED */

struct expander {
	bool present;
	u8 at, reg[REGISTERS];
	enum bench_drive outside[PINS];
	enum look look[PINS];
};

static DEFINE_SPINLOCK(lock);
static DECLARE_WAIT_QUEUE_HEAD(looking);
static struct expander chips[CHIPS];
static struct platform_device *pdev;

static bool bit(const struct expander *e, unsigned int n, unsigned int pin)
{
	return e->reg[n + pin / 8] >> (pin % 8) & 1;
}

static unsigned int line_of(const struct expander *e, unsigned int pin)
{
	return BENCH_EXPANDERS + (e - chips) * PINS + pin;
}

/* The level on the pin. An input that nobody drives and nothing pulls reads low here. */
static bool level_of(const struct expander *e, unsigned int pin)
{
	if (!bit(e, IODIR, pin))
		return bit(e, OLAT, pin);
	if (e->outside[pin] != BENCH_FLOATS)
		return e->outside[pin] == BENCH_HIGH;
	return bit(e, GPPU, pin);
}

/* The program has read a pin: the look that counts is the first since the contact moved. */
static void look(struct expander *e, unsigned int pin, u64 now)
{
	unsigned int line = line_of(e, pin);

	if (e->look[pin] == MOVED) {
		e->look[pin] = LOOKED;
		bench_looked[line] = now;
	} else if (e->look[pin] == LOOKED && now - bench_looked[line] >= SETTLED) {
		WRITE_ONCE(e->look[pin], SEEN);
		wake_up_interruptible(&looking);
	}
}

/* A read of GPIO: levels, where IPOL turns inputs around (3.5.2). */
static u8 levels(struct expander *e, unsigned int port)
{
	u64 now = ktime_get_ns();
	unsigned int pin;
	u8 all = 0;

	for (pin = 8 * port; pin < 8 * port + 8; pin++) {
		bool turned = bit(e, IODIR, pin) && bit(e, IPOL, pin);

		all |= (level_of(e, pin) != turned) << (pin % 8);
		look(e, pin, now);
	}
	return all;
}

static u8 read(struct expander *e)
{
	unsigned int n = e->at;

	e->at = (n + 1) % REGISTERS;
	if (n == GPIO || n == GPIO + 1)
		return levels(e, n - GPIO);
	return e->reg[n];
}

/* Tells what a write to a register has done to its eight pins. */
static void tell(const struct expander *e, unsigned int n, const struct expander *was)
{
	unsigned int pin, port = n % 2;

	for (pin = 8 * port; pin < 8 * port + 8; pin++) {
		bool output = !bit(e, IODIR, pin), changed = bit(e, IODIR, pin) != bit(was, IODIR, pin);

		if (output && (changed || bit(e, OLAT, pin) != bit(was, OLAT, pin)))
			bench_record(NULL, 0, "O %u %d", line_of(e, pin), bit(e, OLAT, pin));
		if (!output && changed)
			bench_record(NULL, 0, "I %u", line_of(e, pin));
		if (n - port == GPPU && (bit(e, GPPU, pin) || bit(was, GPPU, pin)))
			bench_record(NULL, 0, "B %u %s", line_of(e, pin), bit(e, GPPU, pin) ? "up" : "off");
	}
}

static int write(struct expander *e, u8 value)
{
	struct expander was = *e;
	unsigned int n = e->at;

	e->at = (n + 1) % REGISTERS;
	if (n == GPIO || n == GPIO + 1)
		n += OLAT - GPIO; /* 3.5.10: a write to the port is one to the latch */
	if (n >= INTF && n < GPIO)
		return 0; /* read only */
	if (n - n % 2 == IOCON) {
		if (value)
			return -EOPNOTSUPP; /* other orders of the registers, interrupts: not here */
		return 0;
	}
	e->reg[n] = value;
	tell(e, n, &was);
	return 0;
}

static int message(struct expander *e, struct i2c_msg *m)
{
	int i, err = 0;

	if (m->flags & I2C_M_RD) {
		for (i = 0; i < m->len; i++)
			m->buf[i] = read(e);
		return 0;
	}
	for (i = 0; i < m->len && !err; i++) {
		if (i)
			err = write(e, m->buf[i]);
		else if (m->buf[0] < REGISTERS)
			e->at = m->buf[0];
		else
			err = -EOPNOTSUPP;
	}
	return err;
}

static struct expander *chip_at(unsigned int address)
{
	if (address < FIRST_ADDRESS || address >= FIRST_ADDRESS + CHIPS)
		return NULL;
	return &chips[address - FIRST_ADDRESS];
}

static int transfer(struct i2c_adapter *a, struct i2c_msg *all, int n)
{
	unsigned long flags;
	int i, err = 0;

	spin_lock_irqsave(&lock, flags);
	for (i = 0; i < n && !err; i++) {
		struct expander *e = chip_at(all[i].addr);

		err = e && e->present ? message(e, &all[i]) : -ENXIO; /* nobody acknowledges */
	}
	spin_unlock_irqrestore(&lock, flags);
	return err ? err : n;
}

static u32 functions(struct i2c_adapter *a)
{
	return I2C_FUNC_I2C;
}

static const struct i2c_algorithm algorithm = { .xfer = transfer, .functionality = functions };

static struct i2c_adapter adapter = {
	.owner = THIS_MODULE,
	.algo = &algorithm,
	.name = "bench",
	.nr = BUS,
};

int bench_mcp23017_place(unsigned int address, bool here)
{
	struct expander *e = chip_at(address);
	unsigned long flags;
	unsigned int pin;

	if (!e)
		return -EINVAL;
	spin_lock_irqsave(&lock, flags);
	for (pin = 0; pin < PINS; pin++)
		if (e->present && !bit(e, IODIR, pin))
			bench_record(NULL, 0, "I %u", line_of(e, pin));
	e->present = here;
	e->at = 0;
	memset(e->reg, 0, sizeof(e->reg));
	e->reg[IODIR] = e->reg[IODIR + 1] = 0xff; /* after power-on: inputs (table 3-3) */
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}

int bench_mcp23017_outside(unsigned int line, enum bench_drive drive)
{
	unsigned int n = line - BENCH_EXPANDERS;
	unsigned long flags;

	if (n >= CHIPS * PINS)
		return -EINVAL;
	bench_record(NULL, 0, "X %u %c", line, "01z"[drive]);
	spin_lock_irqsave(&lock, flags);
	chips[n / PINS].outside[n % PINS] = drive;
	chips[n / PINS].look[n % PINS] = MOVED;
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}

int bench_mcp23017_looked(unsigned int line)
{
	unsigned int n = line - BENCH_EXPANDERS;
	long left;

	if (n >= CHIPS * PINS)
		return -EINVAL;
	left = wait_event_interruptible_timeout(looking, READ_ONCE(chips[n / PINS].look[n % PINS]) == SEEN, LOOK_LIMIT);
	return left < 0 ? left : left ? 0 : -ETIME;
}

int bench_mcp23017_init(void)
{
	int err, pin, chip;

	for (chip = 0; chip < CHIPS; chip++)
		for (pin = 0; pin < PINS; pin++)
			chips[chip].outside[pin] = BENCH_FLOATS;
	pdev = platform_device_register_simple("bench-i2c", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	adapter.dev.parent = &pdev->dev;
	err = i2c_add_numbered_adapter(&adapter);
	if (err)
		platform_device_unregister(pdev);
	return err;
}

void bench_mcp23017_exit(void)
{
	i2c_del_adapter(&adapter);
	platform_device_unregister(pdev);
}
