// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include "bench.h"

#define SELECTS 2

static struct platform_device *pdev;
static struct spi_controller *controller;
static int fail;

void bench_spi_fail(int err)
{
	WRITE_ONCE(fail, err);
}

static unsigned int length_of(struct spi_message *m)
{
	struct spi_transfer *t;
	unsigned int n = 0;

	list_for_each_entry(t, &m->transfers, transfer_list)
		n += t->len;
	return n;
}

/* Gathers what went out; what comes in is silence. Returns the clock of the fastest piece. */
static u32 gather(struct spi_message *m, u8 *to)
{
	struct spi_transfer *t;
	u32 hz = 0;

	list_for_each_entry(t, &m->transfers, transfer_list) {
		if (t->tx_buf)
			memcpy(to, t->tx_buf, t->len);
		if (t->rx_buf)
			memset(t->rx_buf, 0, t->len);
		to += t->len;
		hz = max(hz, t->speed_hz);
	}
	return hz;
}

static int transfer(struct spi_controller *c, struct spi_message *m)
{
	unsigned int n = length_of(m);
	int err = READ_ONCE(fail);
	u8 *out = kzalloc(n + 1, GFP_KERNEL);

	if (out) {
		u32 hz = gather(m, out);

		bench_record(out, n, "S %u %u ", spi_get_chipselect(m->spi, 0), hz);
		kfree(out);
	} else {
		err = -ENOMEM;
	}
	m->actual_length = err ? 0 : n;
	m->status = err;
	spi_finalize_current_message(c);
	return 0;
}

/* spidev binds to a device only by a name it knows; this one stands for any on boards without
 * a description. */
static int place_devices(void)
{
	struct spi_board_info info = { .modalias = "dh2228fv", .max_speed_hz = 10000000 };

	for (info.chip_select = 0; info.chip_select < SELECTS; info.chip_select++)
		if (!spi_new_device(controller, &info))
			return -ENODEV;
	return 0;
}

int bench_spi_init(void)
{
	int err = -ENOMEM;

	pdev = platform_device_register_simple("bench-spi", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	controller = spi_alloc_host(&pdev->dev, 0);
	if (!controller)
		goto no_controller;
	controller->bus_num = 0;
	controller->num_chipselect = SELECTS;
	controller->mode_bits = SPI_CPOL | SPI_CPHA | SPI_CS_HIGH | SPI_LSB_FIRST;
	controller->transfer_one_message = transfer;
	err = spi_register_controller(controller);
	if (err) {
		spi_controller_put(controller);
		goto no_controller;
	}
	err = place_devices();
	if (!err)
		return 0;
	spi_unregister_controller(controller);
no_controller:
	platform_device_unregister(pdev);
	return err;
}

void bench_spi_exit(void)
{
	spi_unregister_controller(controller);
	platform_device_unregister(pdev);
}
