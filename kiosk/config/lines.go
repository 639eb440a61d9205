package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// lineIndex tells on which line a key or a table stands: "site", "service[0]", "service[0].code".
type lineIndex map[string]int

// of returns the key's line, or that of the first table of its name, or the line of the table that should
// hold it, or 0.
func (x lineIndex) of(key string) int {
	for {
		for _, at := range []string{key, key + "[0]"} {
			if line := x[at]; line > 0 {
				return line
			}
		}
		dot := strings.LastIndexByte(key, '.')
		if dot < 0 {
			return 0
		}
		key = key[:dot]
	}
}

// index walks the file once and notes where everything stands; keys and tables that come twice
// become problems, because the decoder would not say where.
func index(data []byte) (lineIndex, []Problem) {
	x := lineIndex{}
	var problems []Problem
	note := func(path string, line int) {
		if first := x[path]; first > 0 {
			problems = append(problems, Problem{Line: line, Key: plain(path),
				Text: fmt.Sprintf("уже есть в строке %d. Оставьте одну из двух", first)})
			return
		}
		x[path] = line
	}
	arrays := map[string]int{}
	table := ""
	var p unstable.Parser
	p.Reset(data)
	for p.NextExpression() {
		node := p.Expression()
		name, line := keyOf(&p, node)
		switch node.Kind {
		case unstable.Table:
			table = name
			note(table, line)
		case unstable.ArrayTable:
			table = fmt.Sprintf("%s[%d]", name, arrays[name])
			arrays[name]++
			note(table, line)
		case unstable.KeyValue:
			note(strings.TrimPrefix(table+"."+name, "."), line)
		}
	}
	return x, problems
}

// keyOf returns the dotted key of an expression and its line.
func keyOf(p *unstable.Parser, node *unstable.Node) (string, int) {
	var parts []string
	line := 0
	for it := node.Key(); it.Next(); {
		key := it.Node()
		parts = append(parts, string(key.Data))
		if line == 0 {
			line = p.Shape(key.Raw).Start.Line
		}
	}
	return strings.Join(parts, "."), line
}

// syntax turns the decoder's complaint about the grammar into a sentence for the technician.
func syntax(err error) Problem {
	var wrong *toml.DecodeError
	if !errors.As(err, &wrong) {
		return Problem{Text: "файл не читается: " + err.Error()}
	}
	line, column := wrong.Position()
	return Problem{Line: line, Text: fmt.Sprintf("не читается с %d-го знака. Пишите так: ключ = \"текст\", ключ = 5 "+
		"или ключ = true; текст в прямых кавычках, пояснения после решётки", column)}
}
