package console_test

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// holdList delays the list of decisions: its response is complete, but the page receives it only when the test
// calls release().
const holdList = `
const request = window.fetch;
window.fetch = async (address, options) => {
  const response = await request(address, options);
  if (String(address).includes("data/decisions?")) await new Promise((release) => { window.release = release; });
  return response;
};`

// TestStreamBeforeList makes a decision between the response with the list and its arrival in the page: the row
// stays, and the rows that are in the page, with the focus on one, are not replaced.
func TestStreamBeforeList(t *testing.T) {
	s := newScene(t)
	tab := newTab(t)
	tab.before(holdList)
	tab.open(s.console())
	tab.until(`window.release !== undefined`, "the held list")
	tab.focus("#rows a")
	eval[bool](tab, `(() => { window.focused = document.activeElement; window.lost = 0; window.focused.addEventListener("blur", () => window.lost++); return true; })()`)
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	denied := `[...document.querySelectorAll("#rows tr.space ~ tr")][0].textContent.includes("denied")`
	tab.until(denied, "the decision of the stream")
	eval[bool](tab, `(() => { window.release(); return true; })()`)
	tab.has("#live-text", "Live")
	if !eval[bool](tab, denied) {
		t.Error("the list that arrived later has removed the decision")
	}
	if n := eval[int](tab, `[...document.querySelectorAll("#rows tr:not(.space)")].filter((r, i, all) => all.some((o) => o !== r && o.dataset.id === r.dataset.id)).length`); n > 0 {
		t.Errorf("%d rows are there twice", n)
	}
	if !eval[bool](tab, `document.activeElement === window.focused && window.lost === 0`) {
		t.Error("the row lost the focus")
	}
}

// TestEarlierFilter lets the list of an earlier filter arrive after that of the present one, which stays.
func TestEarlierFilter(t *testing.T) {
	s := newScene(t)
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	tab := newTab(t)
	tab.before(holdList)
	tab.open(s.console())
	tab.until(`window.release !== undefined`, "the held list")
	eval[bool](tab, `(() => { window.first = window.release; window.release = undefined; return true; })()`)
	tab.fill(`input[name="action"]`, "ssm:GetParameter")
	tab.until(`window.release !== undefined`, "the list of the filter")
	eval[bool](tab, `(() => { window.release(); return true; })()`)
	tab.until(`document.querySelectorAll("#rows tr:not(.space)").length === 1`, "the row that matches the filter")
	eval[int](tab, `new Promise((done) => { window.first(); setTimeout(done, 300, 0); })`)
	if n := eval[int](tab, `document.querySelectorAll("#rows tr:not(.space)").length`); n != 1 {
		t.Errorf("%d rows match the filter, want 1", n)
	}
}

// TestFocusFarAway scrolls away from the row with the focus: arrow keys continue at that row.
func TestFocusFarAway(t *testing.T) {
	s := newScene(t)
	for range 300 {
		_ = s.read(t) // is denied
	}
	tab := newTab(t)
	tab.as(screens[4])
	tab.open(s.console())
	tab.has("#live-text", "Live")
	tab.focus("#rows a")
	first := eval[string](tab, `document.activeElement.closest("tr").dataset.id`)
	eval[int](tab, `(() => { document.querySelector("#scroller").scrollTop = 1e6; return 0; })()`)
	tab.until(`!document.querySelector('#rows tr[data-id="`+first+`"]')`, "other rows")
	if got := eval[string](tab, `document.activeElement.id`); got != "scroller" {
		t.Errorf("the focus is on %q", got)
	}
	tab.run(chromedp.KeyEvent(kb.ArrowDown))
	index := func() string {
		return eval[string](tab, `document.activeElement.closest("tr")?.getAttribute("aria-rowindex") ?? ""`)
	}
	if got := index(); got != "3" { // the head is the first row
		t.Errorf("arrow down leads to row %q", got)
	}
	for range 60 {
		tab.run(chromedp.KeyEvent(kb.ArrowDown))
	}
	if got := index(); got != strconv.Itoa(63) {
		t.Errorf("60 more keys lead to row %q", got)
	}
	for range 70 {
		tab.run(chromedp.KeyEvent("k"))
	}
	if got := index(); got != "2" {
		t.Errorf("back at row %q", got)
	}
	hidden := `document.activeElement.getBoundingClientRect().top < document.querySelector("#decisions thead th").getBoundingClientRect().bottom`
	if eval[bool](tab, hidden) {
		t.Error("the head of the table hides the row with the focus")
	}
}
