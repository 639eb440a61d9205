package uplink

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sps-kiosk/sync/outbox/outboxtest"
	"sps-kiosk/sync/uplink/uplinktest"
)

// BenchmarkBacklogOverTBF drains thirty days over the kernel's own 64 kbit/s: a network namespace
// behind a pair of virtual cards with token buckets. It needs root, ip and tc (iproute2); it is run
// by hand: go test ./sync/uplink -run '^$' -bench TBF -benchtime 1x
func BenchmarkBacklogOverTBF(b *testing.B) {
	for range b.N {
		l := behindModem(b)
		d := uplinktest.New()
		serve(b, l, d, nil)
		card := &outboxtest.Log{}
		days(card, 30, rand.New(rand.NewPCG(1, 1)))
		done := make(chan struct{}, 100)
		u := overTLS(b, card, d, Network{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, l.Addr().String())
		}}, func(s State) {
			if s.Link == Linked && s.Backlog == 0 {
				done <- struct{}{}
			}
		})
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		began := time.Now()
		go func() { ended <- u.Run(ctx) }()
		<-done
		took := time.Since(began)
		cancel()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		b.Logf("%d events in %d requests over 64 kbit/s: %v", card.Last(), len(d.Calls()), took)
		b.ReportMetric(took.Seconds(), "s/month")
	}
}

// behindModem returns a listener in a network namespace of its own.
func behindModem(b *testing.B) net.Listener {
	b.Helper()
	name := fmt.Sprintf("uplink%d", os.Getpid())
	b.Cleanup(func() { exec.Command("ip", "netns", "del", name).Run() }) // the cards go with it
	near, far := fmt.Sprintf("upn%d", os.Getpid()%1e6), fmt.Sprintf("upf%d", os.Getpid()%1e6)
	for _, line := range []string{
		"ip netns add " + name,
		"ip link add " + near + " type veth peer name " + far + " netns " + name,
		"ip addr add 198.51.100.1/30 dev " + near,
		"ip link set " + near + " up",
		"ip -n " + name + " addr add 198.51.100.2/30 dev " + far,
		"ip -n " + name + " link set " + far + " up",
		"tc qdisc add dev " + near + " root tbf rate 64kbit burst 1600 latency 1s",
		"tc -n " + name + " qdisc add dev " + far + " root tbf rate 64kbit burst 1600 latency 1s",
	} {
		words := strings.Fields(line)
		if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			b.Fatalf("%s: %v: %s", line, err, out)
		}
	}
	l, err := listenIn("/run/netns/"+name, "198.51.100.2:0")
	if err != nil {
		b.Fatal(err)
	}
	return l
}

// listenIn opens a socket in another network namespace. The thread that went there is not used
// again.
func listenIn(namespace, address string) (l net.Listener, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		fd, ferr := unix.Open(namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err = ferr; err != nil {
			return
		}
		defer unix.Close(fd)
		if err = unix.Setns(fd, unix.CLONE_NEWNET); err == nil {
			l, err = net.Listen("tcp", address)
		}
	}()
	<-done
	return l, err
}
