// Package guest is the language between the bench outside and its agent inside the guest.
//
// It owns the messages: one JSON object per line over a virtio-serial port. The bench sends a
// Request, the agent answers it with a Message of the same ID and sends further messages of its
// own accord. It refuses to hold anything but data, since both sides compile it.
package guest

// PortName is the name of the virtio-serial port of this channel.
const PortName = "sps.bench"

// ModuleDir is the folder of the kernel modules inside the guest; its file "list" names them one
// per line in loading order.
const ModuleDir = "/m"

// Verbs of a Request.
const (
	DoStart  = "start"  // start Args as process Name with Env, in Dir Path if not empty
	DoSignal = "signal" // send signal N to process Name
	DoRead   = "read"   // Data = content of Path
	DoWrite  = "write"  // write Data to Path, made with mode N if it is new
	DoList   = "list"   // Names = entries of folder Path; links are read: "0 -> /dev/null"
	DoMount  = "mount"  // mount Args[0] on Path as type Args[1] with options Args[2]; makes Path
	DoUmount = "umount" // unmount Path
	DoTap    = "tap"    // close and open the contact on line N for the times in Args ("120ms"), in turn
	DoBench  = "bench"  // one command for the board module: Args[0]
	DoLink   = "link"   // make Path a symbolic link to Args[0]
	DoFill   = "fill"   // make the file Path take up room until N bytes are free beside it
	DoOwn    = "own"    // give Path to user and group N; a folder for nobody else is made if there is nothing
	DoSync   = "sync"   // write everything out to the disks
	DoGuard  = "guard"  // listen at Path for sd_notify's words, tell them as output, feed the watchdog of limit N with them
	DoClock  = "clock"  // nothing but the time in the answer
)

// Request asks the agent for one thing.
type Request struct {
	ID   uint64   `json:"id"`
	Do   string   `json:"do"`
	Name string   `json:"name,omitempty"`
	Path string   `json:"path,omitempty"`
	Args []string `json:"args,omitempty"`
	Env  []string `json:"env,omitempty"`
	Data []byte   `json:"data,omitempty"`
	N    int      `json:"n,omitempty"`
}

// Kinds of a Message.
const (
	KindReady   = "ready"   // the guest has booted; Text is the kernel's release
	KindAnswer  = "answer"  // to the request ID; Text is the error, if any
	KindOutput  = "output"  // process Name wrote the line Text
	KindExit    = "exit"    // process Name ended with code N; below 0: by the signal -N
	KindRecords = "records" // Data is records of the board module, whole lines
)

// Message is what the agent says.
type Message struct {
	Kind  string   `json:"kind"`
	ID    uint64   `json:"id,omitempty"`
	Nanos int64    `json:"ns,omitempty"` // CLOCK_MONOTONIC when the message was made
	Name  string   `json:"name,omitempty"`
	Text  string   `json:"text,omitempty"`
	Data  []byte   `json:"data,omitempty"`
	Names []string `json:"names,omitempty"`
	N     int      `json:"n,omitempty"`
}
