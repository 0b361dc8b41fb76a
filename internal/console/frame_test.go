package console_test

import (
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/writdev/writ"
)

// TestReconnect restarts the server under an open page: the list continues, and a change from the earlier
// page works.
func TestReconnect(t *testing.T) {
	tab := newTab(t) // created before the server, so that it is closed before the server
	dir := t.TempDir()
	address := ""
	start := func() (stop func()) {
		w, err := writ.New(writ.Config{Data: dir})
		if err != nil {
			t.Fatal(err)
		}
		listener, err := net.Listen("tcp", "127.0.0.1:"+portOf(address))
		if err != nil {
			t.Fatal(err)
		}
		address = listener.Addr().String()
		h := &http.Server{Handler: w}
		go func() {
			if err := h.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				t.Error(err)
			}
		}()
		return func() {
			w.EndStreams()
			if err := errors.Join(h.Close(), w.Close()); err != nil {
				t.Error(err)
			}
		}
	}
	stop := start()
	tab.as(screens[4])
	tab.open("http://" + address + "/_writ/console/decisions")
	tab.has("#live-text", "Live")
	stop()
	tab.has("#live-text", "Reconnecting")
	stop = start()
	defer func() { stop() }()
	tab.has("#live-text", "Live")
	tab.click(".act summary")
	tab.fill("#act-principal", "arn:aws:iam::"+bob+":root")
	tab.click(".act form button")
	tab.has(".act summary b", bob)
	tab.run(chromedp.Navigate("about:blank")) // ends the stream
}

func portOf(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return "0"
	}
	return port
}

// TestKeyboard uses everything by keyboard: the link to the content, the sections, the rows, the map.
func TestKeyboard(t *testing.T) {
	s := newScene(t)
	s.share(t, bob)
	tab := newTab(t)
	tab.as(screens[4])
	tab.open(s.console())
	tab.has("#rows", "CreateImageRecipe")
	focus := func() string {
		return eval[string](tab, `(e => e.id || e.className || e.textContent.trim())(document.activeElement)`)
	}
	tab.run(chromedp.KeyEvent(kb.Tab))
	if got := focus(); got != "skip" {
		t.Errorf("the first stop is %q", got)
	}
	if outline := eval[string](tab, `getComputedStyle(document.activeElement).outlineStyle`); outline != "solid" {
		t.Errorf("the focus is shown as %q", outline)
	}
	tab.press("#rows a", kb.ArrowDown, `document.activeElement === document.querySelectorAll("#rows a")[1]`)
	tab.open(s.console() + "map")
	tab.until(`document.querySelector("#map").dataset.ready === "yes"`, "the map")
	before := eval[string](tab, `document.querySelector("#map").getAttribute("viewBox")`)
	tab.focus("#map")
	tab.run(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent("+"))
	if after := eval[string](tab, `document.querySelector("#map").getAttribute("viewBox")`); after == before {
		t.Error("keys do not move the map")
	}
	tab.focus("#panel .edge-row")
	tab.run(chromedp.KeyEvent(kb.Enter))
	tab.has("#panel", "by a resource share")
	tab.run(chromedp.KeyEvent(kb.Escape))
	tab.has("#panel .edge-row", "not accepted")
}

// TestSizes shows pages from 320 to 3840 points wide without clipping.
func TestSizes(t *testing.T) {
	s := newScene(t)
	s.share(t, bob)
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	tab := newTab(t)
	for _, page := range []string{"decisions", "decisions/" + s.last(t), "map", "policies", "policies/edit", "world", "world/shares", "world/state", "tour"} {
		tab.open(s.console() + page)
		for _, width := range []int64{320, 640, 1000, 2560, 3840} {
			tab.as(screen{width, 900, "light"})
			if wide := eval[int64](tab, "document.documentElement.scrollWidth"); wide > width {
				t.Errorf("%s at %d is %d wide", page, width, wide)
			}
		}
	}
}
