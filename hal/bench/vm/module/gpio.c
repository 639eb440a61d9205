// SPDX-License-Identifier: GPL-2.0
#include <linux/bitmap.h>
#include <linux/gpio/driver.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pinctrl/pinconf-generic.h>
#include <linux/spinlock.h>
#include <linux/version.h>
#include <linux/wait.h>
#include "bench.h"

#define LINES 54 /* as many as the BCM2711 shows on its header and beyond */
#define LOOK_LIMIT (30 * HZ)

static char *label = "pinctrl-bcm2711";
module_param(label, charp, 0444);
MODULE_PARM_DESC(label, "label of the GPIO chip: the board is recognised by it");

enum bias { BIAS_OFF, BIAS_UP, BIAS_DOWN };

struct line {
	bool output, driven; /* what the guest does */
	enum bench_drive outside;
	bool fresh; /* the outside has moved it, and the guest has not looked since */
	enum bias bias;
	bool seen; /* level at the last look, to find edges */
	unsigned int edge; /* IRQ_TYPE_* asked for */
};

static DEFINE_SPINLOCK(lock);
static DECLARE_WAIT_QUEUE_HEAD(looking);
static struct line lines[LINES];
/* When the guest first looked at a line after the outside had moved it: CLOCK_MONOTONIC, ns. For
 * the hand outside: what the kernel has not looked at it has not seen. */
unsigned long bench_looked[BENCH_LINES];
module_param_array_named(looked, bench_looked, ulong, NULL, 0444);
static char names[LINES][8];
static const char *name_of[LINES];
static struct platform_device *pdev;
static struct gpio_chip chip;

/* The level of the wire. One that nobody drives and nothing pulls reads low, which for an
 * active-low button is "pressed": a driver that forgets the pull-up is found at once. */
static bool level_of(const struct line *l)
{
	if (l->output)
		return l->driven;
	if (l->outside != BENCH_FLOATS)
		return l->outside == BENCH_HIGH;
	return l->bias == BIAS_UP;
}

/* Compares the level with the last one; reports whether an edge asked for has happened. */
static bool edge_of(struct line *l)
{
	bool now = level_of(l), was = l->seen;

	l->seen = now;
	if (now == was || l->output)
		return false;
	return l->edge & (now ? IRQ_TYPE_EDGE_RISING : IRQ_TYPE_EDGE_FALLING);
}

static void raise(unsigned int off)
{
	generic_handle_domain_irq_safe(chip.irq.domain, off);
}

int bench_gpio_outside(unsigned int off, enum bench_drive drive, bool record)
{
	unsigned long flags;
	bool edge;

	if (off >= LINES)
		return -EINVAL;
	if (record)
		bench_record(NULL, 0, "X %u %c", off, "01z"[drive]);
	spin_lock_irqsave(&lock, flags);
	lines[off].outside = drive;
	lines[off].fresh = true;
	edge = edge_of(&lines[off]);
	spin_unlock_irqrestore(&lock, flags);
	if (edge)
		raise(off);
	return 0;
}

/* Waits until the guest has looked at a line that the outside has moved: its debounce, where it has
 * one, is over then and has decided. -ETIME: nobody listens. */
int bench_gpio_looked(unsigned int off)
{
	long left;

	if (off >= LINES)
		return -EINVAL;
	left = wait_event_interruptible_timeout(looking, !READ_ONCE(lines[off].fresh), LOOK_LIMIT);
	return left < 0 ? left : left ? 0 : -ETIME;
}

static int get_direction(struct gpio_chip *gc, unsigned int off)
{
	return lines[off].output ? GPIO_LINE_DIRECTION_OUT : GPIO_LINE_DIRECTION_IN;
}

static int get(struct gpio_chip *gc, unsigned int off)
{
	unsigned long flags;
	bool level, fresh;

	spin_lock_irqsave(&lock, flags);
	level = level_of(&lines[off]);
	fresh = lines[off].fresh;
	if (fresh)
		bench_looked[off] = ktime_get_ns();
	WRITE_ONCE(lines[off].fresh, false);
	spin_unlock_irqrestore(&lock, flags);
	if (fresh)
		wake_up_interruptible(&looking);
	return level;
}

/* Drives the line, or stops driving it. */
static void drive(unsigned int off, bool output, bool level)
{
	struct line *l = &lines[off];
	unsigned long flags;
	bool edge, wire;

	if (output)
		bench_record(NULL, 0, "O %u %d", off, level);
	else
		bench_record(NULL, 0, "I %u", off);
	spin_lock_irqsave(&lock, flags);
	l->output = output;
	l->driven = level;
	wire = output ? level : l->bias != BIAS_DOWN;
	edge = edge_of(l);
	spin_unlock_irqrestore(&lock, flags);
	bench_tm1637_wire(off, wire);
	if (edge)
		raise(off);
}

/* Drivers may tell of a line that could not be set since Linux 6.17; the card's kernel is later. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
static int set(struct gpio_chip *gc, unsigned int off, int level)
{
	if (lines[off].output)
		drive(off, true, level);
	return 0;
}
#else
static void set(struct gpio_chip *gc, unsigned int off, int level)
{
	if (lines[off].output)
		drive(off, true, level);
}
#endif

static int direction_output(struct gpio_chip *gc, unsigned int off, int level)
{
	drive(off, true, level);
	return 0;
}

static int direction_input(struct gpio_chip *gc, unsigned int off)
{
	if (lines[off].output)
		drive(off, false, false);
	return 0;
}

/* Only the bias is ours. Debounce and open drain are refused, so that gpiolib does them in
 * software, as on the Raspberry Pi. */
static int set_config(struct gpio_chip *gc, unsigned int off, unsigned long config)
{
	static const char *const word[] = { "off", "up", "down" };
	unsigned long flags;
	enum bias bias;

	switch (pinconf_to_config_param(config)) {
	case PIN_CONFIG_BIAS_DISABLE:
		bias = BIAS_OFF;
		break;
	case PIN_CONFIG_BIAS_PULL_UP:
		bias = BIAS_UP;
		break;
	case PIN_CONFIG_BIAS_PULL_DOWN:
		bias = BIAS_DOWN;
		break;
	default:
		return -ENOTSUPP;
	}
	bench_record(NULL, 0, "B %u %s", off, word[bias]);
	spin_lock_irqsave(&lock, flags);
	lines[off].bias = bias;
	lines[off].seen = level_of(&lines[off]); /* the guest's own doing is no edge */
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}

static int irq_set_type(struct irq_data *d, unsigned int type)
{
	if (type & IRQ_TYPE_LEVEL_MASK)
		return -EINVAL;
	lines[irqd_to_hwirq(d)].edge = type;
	return 0;
}

static void irq_mask(struct irq_data *d)
{
	gpiochip_disable_irq(&chip, irqd_to_hwirq(d));
}

static void irq_unmask(struct irq_data *d)
{
	gpiochip_enable_irq(&chip, irqd_to_hwirq(d));
}

static const struct irq_chip irqs = {
	.name = "bench",
	.irq_set_type = irq_set_type,
	.irq_mask = irq_mask,
	.irq_unmask = irq_unmask,
	.flags = IRQCHIP_IMMUTABLE,
	GPIOCHIP_IRQ_RESOURCE_HELPERS,
};

static void name_lines(void)
{
	int i;

	for (i = 0; i < LINES; i++) {
		lines[i].outside = BENCH_FLOATS;
		scnprintf(names[i], sizeof(names[i]), "GPIO%d", i);
		name_of[i] = names[i];
	}
}

int bench_gpio_init(void)
{
	int err;

	name_lines();
	pdev = platform_device_register_simple("bench-gpio", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	chip.label = label;
	chip.owner = THIS_MODULE;
	chip.parent = &pdev->dev;
	chip.base = -1;
	chip.ngpio = LINES;
	chip.names = name_of;
	chip.get = get;
	chip.set = set;
	chip.get_direction = get_direction;
	chip.direction_input = direction_input;
	chip.direction_output = direction_output;
	chip.set_config = set_config;
	gpio_irq_chip_set_chip(&chip.irq, &irqs);
	chip.irq.handler = handle_simple_irq;
	chip.irq.default_type = IRQ_TYPE_NONE;
	err = gpiochip_add_data(&chip, NULL);
	if (err)
		platform_device_unregister(pdev);
	return err;
}

void bench_gpio_exit(void)
{
	gpiochip_remove(&chip);
	platform_device_unregister(pdev);
}
