package webtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// AxeVersion is the axe-core that pages are held to; .ci/tools fetches the same one from npm.
const AxeVersion = "4.10.3"

// Violation is a rule of axe-core that a page breaks.
type Violation struct {
	ID     string   `json:"id"`     // of the rule: "color-contrast"
	Impact string   `json:"impact"` // minor, moderate, serious or critical
	Help   string   `json:"help"`   // what the rule asks for
	Where  []string `json:"where"`  // selectors of what breaks it
}

// String is a line for a test's log.
func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s: %s", v.ID, v.Impact, v.Help, strings.Join(v.Where, "; "))
}

// Axe holds the page in the tab to every rule of axe-core, WCAG's and best practice. It returns the
// violations that are serious or critical, and prints the others.
func Axe(t testing.TB, ctx context.Context) (grave []Violation) {
	t.Helper()
	var found []Violation
	o, _ := ctx.Value(options{}).(Options)
	Run(t, ctx, emulation.SetScriptExecutionDisabled(false), chromedp.Evaluate(axe(t), nil), chromedp.Evaluate(look, &found, wait),
		emulation.SetScriptExecutionDisabled(o.NoScript))
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			grave = append(grave, v)
			continue
		}
		t.Logf("axe: %v", v)
	}
	return grave
}

// wait lets an evaluation end with the promise it returns.
func wait(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// look runs axe over the page. The stylesheets are the page's own: none is fetched again.
const look = `axe.run(document, {preload: false}).then(found => found.violations.map(v => ({
	id: v.id, impact: v.impact || "minor", help: v.help,
	where: v.nodes.map(n => n.target.join(" ") + " " + n.any.concat(n.all, n.none).map(c => c.message).join(", "))})))`

// axe returns axe-core's text from where .ci/tools keeps it.
func axe(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatalf("axe-core is kept in the user's cache: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(cache, "sps-kiosk", "axe-core-"+AxeVersion, "axe.min.js"))
	if err != nil {
		t.Fatalf("pages are held to axe-core %s; fetch it with .ci/tools axe: %v", AxeVersion, err)
	}
	return string(text)
}
