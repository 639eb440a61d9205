package pdf

import (
	"encoding/binary"
	"math"
)

// The colours of sRGB by IEC 61966-2-1: chromaticities of red, green, blue and of the white D65.
const (
	redX, redY     = 0.64, 0.33
	greenX, greenY = 0.30, 0.60
	blueX, blueY   = 0.15, 0.06
	whiteX, whiteY = 0.3127, 0.3290
)

type vector [3]float64
type matrix [3]vector // of rows

// d50 is the white of the profile connection space (ICC.1:2001-04, 6.1.1).
func d50() vector { return vector{0.9642, 1, 0.8249} }

// bradford turns XYZ into the responses of the cones in which white points are exchanged.
func bradford() matrix {
	return matrix{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}
}

// xyz is a chromaticity at luminance 1.
func xyz(x, y float64) vector { return vector{x / y, 1, (1 - x - y) / y} }

func (m matrix) times(v vector) (out vector) {
	for i, row := range m {
		out[i] = row[0]*v[0] + row[1]*v[1] + row[2]*v[2]
	}
	return out
}

// solve returns v with m·v = to, by Cramer's rule.
func (m matrix) solve(to vector) (v vector) {
	for column := range v {
		replaced := m
		for row := range replaced {
			replaced[row][column] = to[row]
		}
		v[column] = replaced.det() / m.det()
	}
	return v
}

func (m matrix) det() float64 {
	return m[0][0]*(m[1][1]*m[2][2]-m[1][2]*m[2][1]) -
		m[0][1]*(m[1][0]*m[2][2]-m[1][2]*m[2][0]) +
		m[0][2]*(m[1][0]*m[2][1]-m[1][1]*m[2][0])
}

// colorants are the XYZ of full red, green and blue under D50.
func colorants() [3]vector {
	raw := [3]vector{xyz(redX, redY), xyz(greenX, greenY), xyz(blueX, blueY)}
	white := xyz(whiteX, whiteY)
	var columns matrix
	for row := range columns {
		columns[row] = vector{raw[0][row], raw[1][row], raw[2][row]}
	}
	amount := columns.solve(white)
	cone := bradford()
	from, to := cone.times(white), cone.times(d50())
	for i := range raw {
		response := cone.times(raw[i])
		for k := range response {
			response[k] *= amount[i] * to[k] / from[k]
		}
		raw[i] = cone.solve(response)
	}
	return raw
}

// linear is the transfer curve of IEC 61966-2-1.
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// profile is sRGB as an ICC profile of version 2.4 (ICC.1:2001-04), computed here so that nobody
// else's copyright goes into a citizen's file.
func profile() []byte {
	rgb := colorants()
	curve := curveTag()
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", descTag("sRGB")}, {"cprt", append([]byte("text\x00\x00\x00\x00"), "Public domain\x00"...)},
		{"wtpt", xyzTag(d50())}, {"rXYZ", xyzTag(rgb[0])}, {"gXYZ", xyzTag(rgb[1])}, {"bXYZ", xyzTag(rgb[2])},
		{"rTRC", curve}, {"gTRC", nil}, {"bTRC", nil}, // the three share one
	}
	be := binary.BigEndian
	table := be.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	var at uint32
	size := uint32(0)
	for _, t := range tags {
		if t.data != nil {
			at, size = uint32(128+4+12*len(tags)+len(data)), uint32(len(t.data))
			data = append(data, t.data...)
			data = append(data, make([]byte, -len(data)&3)...)
		}
		table = append(table, t.name...)
		table = be.AppendUint32(be.AppendUint32(table, at), size)
	}
	head := make([]byte, 128)
	be.PutUint32(head, uint32(len(head)+len(table)+len(data)))
	be.PutUint32(head[8:], 0x02400000)
	copy(head[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2000, 1, 1} { // a date is asked for; it tells nothing
		be.PutUint16(head[24+2*i:], v)
	}
	copy(head[36:], "acsp")
	copy(head[68:], xyzTag(d50())[8:])
	return append(append(head, table...), data...)
}

// xyzTag is a value of XYZType: three s15Fixed16 numbers (6.5.26, 5.3.2).
func xyzTag(v vector) []byte {
	tag := []byte("XYZ \x00\x00\x00\x00")
	for _, c := range v {
		tag = binary.BigEndian.AppendUint32(tag, uint32(int32(math.Round(c*65536))))
	}
	return tag
}

// curveTag is the transfer curve in 1024 steps (curveType, 6.5.3).
func curveTag() []byte {
	const steps = 1024
	tag := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), steps)
	for i := range steps {
		tag = binary.BigEndian.AppendUint16(tag, uint16(math.Round(65535*linear(float64(i)/(steps-1)))))
	}
	return tag
}

// descTag is a name in ASCII with empty Unicode and Macintosh forms (textDescriptionType, 6.5.17).
func descTag(name string) []byte {
	tag := binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(name)+1))
	return append(append(tag, name...), make([]byte, 1+4+4+2+1+67)...)
}
