// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a TM1637 that must answer within a clock: the acknowledge (data sheet V2.4,
 * "Interface interpretation": DIO is pulled low after the falling edge of the eighth clock and
 * let go after the falling edge of the ninth). What the frames mean is decoded from the records.
 */
#include <linux/spinlock.h>
#include "bench.h"

static DEFINE_SPINLOCK(lock);
static int clk_line = -1, dio_line = -1;
static bool present, clk = true, dio = true, framed;
static int clocks;

int bench_tm1637_place(int c, int d, bool here)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	clk_line = c;
	dio_line = d;
	present = here;
	clk = dio = true;
	framed = false;
	spin_unlock_irqrestore(&lock, flags);
	return bench_gpio_outside(d, BENCH_FLOATS, false);
}

/* The data line: a change while the clock is high begins or ends a frame. */
static void data(bool level)
{
	if (clk && dio != level) {
		framed = !level;
		clocks = 0;
	}
	dio = level;
}

/* The clock line; returns what to do to DIO, or -1. */
static int clock(bool level)
{
	int answer = -1;

	if (level && !clk) {
		clocks++;
	} else if (!level && clk && framed && clocks == 8) {
		answer = BENCH_LOW;
	} else if (!level && clk && clocks == 9) {
		answer = BENCH_FLOATS;
		clocks = 0;
	}
	clk = level;
	return answer;
}

void bench_tm1637_wire(unsigned int line, bool level)
{
	unsigned long flags;
	int answer = -1, at;

	spin_lock_irqsave(&lock, flags);
	at = dio_line;
	if (present && (int)line == clk_line)
		answer = clock(level);
	else if (present && (int)line == dio_line && !(clocks == 8 && !clk))
		data(level);
	spin_unlock_irqrestore(&lock, flags);
	if (answer >= 0)
		bench_gpio_outside(at, answer, true);
}
