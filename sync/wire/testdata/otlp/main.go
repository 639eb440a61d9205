// Command otlp is the peer of BenchmarkPeers: it reads events as lines of JSON and prints, for every size
// of batch among its arguments, the mean bytes of an OTLP/HTTP request (protobuf under gzip, as the
// collector's exporter sends by default) an event. It is built outside this module.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	collector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"
)

func main() {
	var records []*logs.LogRecord
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var e map[string]any
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			fail(err)
		}
		records = append(records, record(e))
	}
	for _, arg := range os.Args[1:] {
		n, err := strconv.Atoi(arg)
		if err != nil {
			fail(err)
		}
		sum, count := 0, 0
		for first := 0; first+n <= len(records); first += n {
			sum, count = sum+request(records[first:first+n]), count+n
		}
		fmt.Printf("%d %.2f\n", n, float64(sum)/float64(count))
	}
}

// record has the time, the kind as body and everything else as attributes.
func record(e map[string]any) *logs.LogRecord {
	r := &logs.LogRecord{TimeUnixNano: uint64(e["u"].(float64)) * 1e6, Body: text(e["k"].(string))}
	for _, name := range [][2]string{{"s", "seq"}, {"d", "day"}, {"v", "service"}, {"n", "number"}, {"q", "queue"}, {"w", "window"}, {"l", "leg"}, {"c", "code"}, {"t", "state"}, {"x", "count"}} {
		switch v := e[name[0]].(type) {
		case string:
			r.Attributes = append(r.Attributes, &common.KeyValue{Key: name[1], Value: text(v)})
		case float64:
			r.Attributes = append(r.Attributes, &common.KeyValue{Key: name[1], Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: int64(v)}}})
		}
	}
	return r
}

func text(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}

// request is the length of one export.
func request(records []*logs.LogRecord) int {
	body, err := proto.Marshal(&collector.ExportLogsServiceRequest{ResourceLogs: []*logs.ResourceLogs{{
		Resource:  &resource.Resource{Attributes: []*common.KeyValue{{Key: "service.name", Value: text("sps-kiosk")}, {Key: "service.instance.id", Value: text("7Q2M4K")}}},
		ScopeLogs: []*logs.ScopeLogs{{LogRecords: records}},
	}}})
	if err != nil {
		fail(err)
	}
	var out bytes.Buffer
	gz, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	gz.Write(body)
	gz.Close()
	return out.Len()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
