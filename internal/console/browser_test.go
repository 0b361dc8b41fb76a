package console_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium is the browser that all tests share. Each test has its own tab.
var chromium struct {
	once sync.Once
	ctx  context.Context
	end  func()
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.end != nil {
		chromium.end()
	}
	os.Exit(code)
}

// startChromium starts the installed browser.
func startChromium() {
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, chromium.err = exec.LookPath(name); chromium.err == nil {
			break
		}
	}
	if chromium.err != nil {
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("font-render-hinting", "none"))
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	browser, cancel := chromedp.NewContext(allocator)
	chromium.ctx, chromium.end = browser, func() { cancel(); end() }
	chromium.err = chromedp.Do(browser)
}

// tab is one tab of the browser. Errors that its pages log fail the test.
type tab struct {
	*testing.T
	ctx  context.Context
	mu   sync.Mutex
	hits []string // the addresses of all requests
}

// newTab opens a tab. Without a browser the test is skipped, except in CI, which installs one.
func newTab(t *testing.T) *tab {
	t.Helper()
	chromium.once.Do(startChromium)
	if chromium.err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no browser: %v (Debian: apt-get install chromium)", chromium.err)
		}
		t.Skipf("no browser for the pages: %v (Debian: apt-get install chromium)", chromium.err)
	}
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext())
	ctx, end := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(func() { end(); cancel() })
	tab := &tab{T: t, ctx: ctx}
	tab.run()
	if err := chromedp.Listen(ctx, tab.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return tab
}

// listen fails the test on script errors and violations of the content security policy, and records the
// requests.
func (tab *tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		tab.Errorf("a script failed: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.Exception.Description)
	case *log.EventEntryAdded:
		if e.Entry.Source == log.EntrySourceSecurity || strings.Contains(e.Entry.Text, "Content Security Policy") {
			tab.Errorf("browser log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		tab.mu.Lock()
		tab.hits = append(tab.hits, e.Request.URL)
		tab.mu.Unlock()
	}
}

// run performs user actions.
func (tab *tab) run(steps ...chromedp.Action[chromedp.Void]) {
	tab.Helper()
	if err := chromedp.Do(tab.ctx, steps...); err != nil {
		tab.Fatal(err)
	}
}

// open loads a page and waits for its first frame.
func (tab *tab) open(url string) {
	tab.Helper()
	tab.run(chromedp.Navigate(url))
	tab.until(`document.querySelector("#main").offsetParent !== null`, "the page")
	tab.frame()
}

// frame waits for a frame of the page: the browser drops clicks and keys that come before the first one.
func (tab *tab) frame() {
	tab.Helper()
	eval[bool](tab, "new Promise(shown => requestAnimationFrame(() => requestAnimationFrame(() => shown(true))))")
}

// focus focuses the first element of a selector.
func (tab *tab) focus(selector string) {
	tab.Helper()
	tab.until(fmt.Sprintf(`(e => { e.focus(); return e === document.activeElement; })(document.querySelector(%q))`, selector), "the focus on "+selector)
}

// click clicks on the first element of a selector, at its position on the screen.
func (tab *tab) click(selector string) {
	tab.Helper()
	found := fmt.Sprintf("document.querySelector(%q)", selector)
	tab.until(found+" !== null", selector)
	tab.frame()
	type point struct{ X, Y float64 }
	at := eval[point](tab, `(e => { e.scrollIntoView({block: "center", behavior: "instant"}); const r = e.getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2}; })(`+found+`)`)
	tab.run(chromedp.MouseClickXY(at.X, at.Y))
}

// press focuses the first element of a selector and presses a key, which makes an expression true.
func (tab *tab) press(selector, key, expression string) {
	tab.Helper()
	tab.focus(selector)
	tab.frame()
	tab.run(chromedp.KeyEvent(key))
	tab.until(expression, "the effect of the key: "+expression)
}

// fill replaces the text of a field, and triggers its events.
func (tab *tab) fill(selector, value string) {
	tab.Helper()
	eval[bool](tab, fmt.Sprintf(`(e => { e.value = %q; return e.dispatchEvent(new Event("input", {bubbles: true})); })(document.querySelector(%q))`, value, selector))
}

// before runs a script in every page that the tab opens, before the scripts of the page.
func (tab *tab) before(script string) {
	tab.Helper()
	if _, err := chromedp.Call(tab.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		tab.Fatal(err)
	}
}

// has waits until an element contains a text.
func (tab *tab) has(selector, want string) {
	tab.Helper()
	tab.until(fmt.Sprintf("[...document.querySelectorAll(%q)].some(e => e.textContent.includes(%q))", selector, want), selector+" with "+want)
}

// until waits until an expression is true.
func (tab *tab) until(expression, what string) {
	tab.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		ok, err := chromedp.Run(tab.ctx, chromedp.Evaluate[bool](expression)) // fails between two pages
		if err == nil && ok {
			return
		}
	}
	shown, _ := chromedp.Run(tab.ctx, chromedp.Evaluate[string]("document.body.innerText.slice(0, 3000)"))
	tab.Fatalf("waited for %s; the page contains:\n%s", what, shown)
}

// eval returns the value of an expression.
func eval[T any](tab *tab, expression string) T {
	tab.Helper()
	value, err := chromedp.Run(tab.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.Fatal(err)
	}
	return value
}

// screen is a size and a color scheme.
type screen struct {
	width, height int64
	scheme        string
}

// screens lists the screens on which each page is shown.
var screens = []screen{
	{360, 740, "light"}, {360, 740, "dark"}, {900, 800, "light"}, {900, 800, "dark"}, {1600, 1000, "light"}, {1600, 1000, "dark"},
}

func (s screen) String() string { return fmt.Sprintf("%d-%s", s.width, s.scheme) }

// as shows the pages on a screen.
func (tab *tab) as(s screen) {
	tab.Helper()
	tab.run(chromedp.EmulateViewport(s.width, s.height))
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(tab.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
		tab.Fatal(err)
	}
}

// collisions is a script that lists what is wrong with the layout of the page: controls and headings that overlap, and
// texts that are cut although nothing shows the rest, such as a title or scrolling.
const collisions = `(() => {
  const found = [];
  const visible = (e) => e.checkVisibility({opacityProperty: true, visibilityProperty: true}) && e.getClientRects().length > 0;
  const name = (e) => (e.tagName.toLowerCase() + " " + (e.textContent.trim() || e.name || e.id)).slice(0, 60);
  const solid = [...document.querySelectorAll("main :is(button, a, input:not([type=radio]):not([type=checkbox]), select, textarea, h1, h2, h3, summary), .bar :is(a, summary)")]
    .filter((e) => visible(e) && !e.closest("svg, .skip, .space, .scroller, .pop, .unseen") && !e.matches(".unseen"));
  const boxes = solid.map((e) => [e, e.getBoundingClientRect()]).filter(([, r]) => r.width > 1 && r.height > 1);
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
    const [a, p] = boxes[i], [b, q] = boxes[j];
    if (a.contains(b) || b.contains(a) || a.closest(".map-tools, .map-side") !== b.closest(".map-tools, .map-side")) continue;
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left), high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (wide > 2 && high > 4) found.push(name(a) + " overlaps " + name(b));
  }
  for (const e of document.querySelectorAll("main *, .bar *")) {
    const style = getComputedStyle(e);
    if (!visible(e) || e.closest("svg, .unseen, [title]") || e.querySelector("[title]") || e.matches(".unseen, input, select, textarea")) continue;
    if (style.overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1 && e.textContent.trim()) found.push("cut: " + name(e));
  }
  return found;
})()`

// everyScreen checks the page on each screen: nothing is wider than the page, overlaps or is cut, and axe-core has no findings.
// With CONSOLE_SCREENSHOTS=DIR it saves screenshots there.
func (tab *tab) everyScreen(name string) {
	tab.Helper()
	for _, s := range screens {
		tab.as(s)
		if wide := eval[int64](tab, "document.documentElement.scrollWidth"); wide > s.width {
			tab.Errorf("%s on %v is %d wide", name, s, wide)
		}
		for _, found := range eval[[]string](tab, collisions) {
			tab.Errorf("%s on %v: %s", name, s, found)
		}
		tab.accessible(fmt.Sprintf("%s on %v", name, s))
		tab.keep(name + "-" + s.String())
	}
}

// keep saves a screenshot of the page, if screenshots are enabled.
func (tab *tab) keep(name string) {
	tab.Helper()
	dir := os.Getenv("CONSOLE_SCREENSHOTS")
	if dir == "" {
		return
	}
	picture := chromedp.FullScreenshot(100)
	if eval[bool](tab, `document.querySelector(".map-page, .list-page") !== null`) { // as high as the window
		picture = chromedp.CaptureScreenshot()
	}
	png, err := chromedp.Run(tab.ctx, picture)
	if err != nil {
		tab.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		tab.Fatal(err)
	}
}

// axe returns the script that checks accessibility, or nil if npm has not installed it.
var axe = sync.OnceValue(func() []byte {
	script, err := os.ReadFile("web/node_modules/axe-core/axe.min.js")
	if err != nil {
		return nil
	}
	return script
})

// accessible runs axe-core with the rules of WCAG 2.2 AA.
func (tab *tab) accessible(what string) {
	tab.Helper()
	if axe() == nil {
		if os.Getenv("CI") == "true" {
			tab.Fatal("axe-core is not installed: npm ci --prefix internal/console/web")
		}
		return
	}
	type finding struct {
		ID    string `json:"id"`
		Help  string `json:"help"`
		Nodes []struct {
			HTML    string `json:"html"`
			Summary string `json:"failureSummary"`
		} `json:"nodes"`
	}
	eval[int](tab, string(axe())+"; 0")
	found := eval[[]finding](tab, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]}).then(r => r.violations)`)
	for _, f := range found {
		tab.Errorf("%s: axe-core: %s: %s: %s\n%s", what, f.ID, f.Help, f.Nodes[0].HTML, f.Nodes[0].Summary)
	}
}
