package pdf

import (
	"fmt"
	"strings"
	"time"
)

// product is the only name that goes into a file.
const product = "sps-kiosk"

// metadata is the XMP packet (ISO 16684-1) of PDF/A-2b (ISO 19005-2, 6.6.4): the level it conforms
// to, the product, and dates if the clock is trusted. There is no Info dictionary to disagree with.
func metadata(created time.Time) []byte {
	var b strings.Builder
	b.WriteString("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` + "\n" +
		`<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">` + "\n" +
		"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n" +
		"<dc:format>application/pdf</dc:format>\n" +
		"<xmp:CreatorTool>" + product + "</xmp:CreatorTool><pdf:Producer>" + product + "</pdf:Producer>\n")
	if !created.IsZero() {
		at := created.Format("2006-01-02T15:04:05-07:00")
		for _, name := range []string{"CreateDate", "ModifyDate", "MetadataDate"} {
			fmt.Fprintf(&b, "<xmp:%s>%s</xmp:%s>\n", name, at, name)
		}
	}
	b.WriteString("</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>")
	return []byte(b.String())
}
