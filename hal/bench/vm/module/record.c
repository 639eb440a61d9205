// SPDX-License-Identifier: GPL-2.0
#include <linux/kfifo.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include "bench.h"

#define FIFO_BYTES (1 << 20) /* a minute of the busiest display without a reader */

static struct kfifo fifo;
static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(reader);
static DECLARE_WAIT_QUEUE_HEAD(filled);
static unsigned long lost;

int bench_record_init(void)
{
	return kfifo_alloc(&fifo, FIFO_BYTES, GFP_KERNEL);
}

void bench_record_exit(void)
{
	kfifo_free(&fifo);
}

/* Tells about lost records once there is room again. */
static void confess(u64 now)
{
	char text[48];
	int n;

	if (!lost)
		return;
	n = scnprintf(text, sizeof(text), "%llu L %lu\n", now, lost);
	if (kfifo_avail(&fifo) < n)
		return;
	kfifo_in(&fifo, text, n);
	lost = 0;
}

static void put_hex(const u8 *bytes, size_t n)
{
	static const char digit[] = "0123456789abcdef";

	for (; n; n--, bytes++) {
		char two[2] = { digit[*bytes >> 4], digit[*bytes & 15] };

		kfifo_in(&fifo, two, 2);
	}
}

void bench_record(const u8 *bytes, size_t n, const char *fmt, ...)
{
	unsigned long flags;
	char head[96];
	va_list args;
	u64 now;
	int len;

	spin_lock_irqsave(&lock, flags);
	now = ktime_get_ns(); /* under the lock: records and their times have one order */
	confess(now);
	len = scnprintf(head, sizeof(head), "%llu ", now);
	va_start(args, fmt);
	len += vscnprintf(head + len, sizeof(head) - len, fmt, args);
	va_end(args);
	if (lost || kfifo_avail(&fifo) < len + 2 * n + 1) {
		lost++;
	} else {
		kfifo_in(&fifo, head, len);
		put_hex(bytes, n);
		kfifo_in(&fifo, "\n", 1);
	}
	spin_unlock_irqrestore(&lock, flags);
	wake_up_interruptible(&filled);
}

ssize_t bench_record_read(struct file *f, char __user *to, size_t n)
{
	unsigned int copied;
	int err;

	if (kfifo_is_empty(&fifo) && (f->f_flags & O_NONBLOCK))
		return -EAGAIN;
	err = wait_event_interruptible(filled, !kfifo_is_empty(&fifo));
	if (err)
		return err;
	mutex_lock(&reader);
	err = kfifo_to_user(&fifo, to, n, &copied);
	mutex_unlock(&reader);
	return err ? err : copied;
}

__poll_t bench_record_poll(struct file *f, poll_table *wait)
{
	poll_wait(f, &filled, wait);
	return kfifo_is_empty(&fifo) ? 0 : EPOLLIN | EPOLLRDNORM;
}
