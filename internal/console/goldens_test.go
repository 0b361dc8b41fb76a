package console_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// goldenFolder contains small pictures of pages on each screen; -update creates them again.
const goldenFolder = "testdata/pictures"

// steady replaces what differs between two runs of a page, such as ids, times and the port, by constant text.
const steady = `(() => {
  const constant = (text) => text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "00000000-0000-0000-0000-000000000000")
    .replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d/g, "2026-01-01 00:00:00")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:4566");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (constant(text.data) !== text.data) text.data = constant(text.data);
  }
  document.activeElement?.blur();
  return true;
})()`

// TestGoldens compares the pages with their pictures on each screen. The tests of the pages check on the same screens
// that nothing overlaps or is cut.
func TestGoldens(t *testing.T) {
	empty := newEmpty(t)
	s := newScene(t)
	s.share(t, bob, "777788889999")
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	denial := s.last(t)
	s.grant(t, "arn:aws:iam::"+bob+":root")
	tab := newTab(t)
	for _, page := range []struct{ name, url, ready, is string }{
		{"first-visit", empty.URL + "/_writ/console/decisions", "#live-text", "Live"},
		{"decision", s.console() + "decisions/" + denial, "h1", "ssm:GetParameter"},
		{"map", s.console() + "map", "#panel", "no key"},
		{"policies", s.console() + "policies", "h1", "Policies"},
		{"world", s.console() + "world", "h1", "World"},
		{"shares", s.console() + "world/shares", "h1", "World"},
	} {
		tab.open(page.url)
		tab.has(page.ready, page.is)
		for _, on := range screens {
			tab.as(on)
			tab.golden(page.name, on)
		}
	}
}

// golden compares the window with the picture of a name on a screen, in half its resolution.
func (tab *tab) golden(name string, on screen) {
	tab.Helper()
	eval[bool](tab, steady)
	tab.run(chromedp.EmulateViewport(on.width, on.height, chromedp.EmulateScale(0.5)))
	tab.frame()
	got, err := chromedp.Run(tab.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		tab.Fatal(err)
	}
	name += "-" + on.String() + ".png"
	file := filepath.Join(goldenFolder, name)
	want := tab.recorded(file, got)
	if part := tab.differing(want, got); part > 0.02 {
		tab.Errorf("%s: %.1f %% of the picture differs; -update creates it again", name, 100*part)
		if dir := os.Getenv("CONSOLE_SCREENSHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "differs-"+name), got, 0o644); err != nil {
				tab.Fatal(err)
			}
		}
	}
}

// recorded returns the content of a picture's file, which -update replaces by the picture first.
func (tab *tab) recorded(file string, got []byte) (want []byte) {
	tab.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			tab.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		tab.Fatal(err)
	}
	return want
}
