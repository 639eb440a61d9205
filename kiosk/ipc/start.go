package ipc

// Descriptors that a worker is started with, after standard input, output and error. Standard input
// is /dev/null; what it writes to standard error is the porter's log and never holds a page.
const (
	FDKiosk   = 3 // SOCK_SEQPACKET: KioskToWorker in, WorkerToKiosk out
	FDPorter  = 4 // SOCK_SEQPACKET: PorterToWorker in, WorkerToPorter out
	FDPreview = 5 // a listening TCP socket on 127.0.0.1
	FDBench   = 6 // only on the bench: a connection to the drawn machine (hal/bench/wire)
)
