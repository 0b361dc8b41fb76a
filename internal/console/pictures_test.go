package console_test

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "create the pictures of docs/console.md again")

// pictureFolder contains the pictures of docs/console.md, one for each name of TestPictures.
const pictureFolder = "../../docs/images"

// TestPictures creates the pictures of the documents. Pictures without ids and times are compared with the
// existing ones.
func TestPictures(t *testing.T) {
	s := newScene(t)
	if s.read(t) == nil {
		t.Fatal("bob may read before anything was shared")
	}
	denial := s.last(t)
	tab := newTab(t)
	tab.as(screen{1200, 780, "light"})

	tab.open(s.console())
	tab.has("#rows", "GetParameter")
	tab.picture("console-decisions", "")
	tab.open(s.console() + "decisions/" + denial)
	tab.until(`document.querySelector(".picture img").naturalWidth > 500`, "the picture")
	tab.picture("console-decision", "")
	tab.picture("console-picture", ".picture img")

	s.share(t, bob, "777788889999")
	s.grant(t, "arn:aws:iam::"+bob+":root")
	tab.open(s.console() + "map")
	tab.until(`document.querySelectorAll("#map .edge").length === 3`, "the map")
	tab.picture("console-map", ".map-page")

	tab.open(s.console() + "policies")
	tab.click(`#kind-resource ~ .sheet a[href*="parameter"]`)
	tab.has("#difference", "Both documents allow the same requests.")
	eval[bool](tab, `(() => { const v = document.querySelector("#editor").editor, s = v.state.doc.toString(), i = s.indexOf('"ssm:GetParameters"'); v.dispatch({changes: {from: i, insert: '"ssm:DeleteParameter", '}}); return true; })()`)
	tab.has("#difference .good", "+ ssm:DeleteParameter")
	tab.picture("console-policy", "")
	tab.open(s.console() + "world/shares")
	tab.picture("console-shares", "")
}

// picture compares an element with the picture of a name, or creates the picture. Without an element it shows
// the window, which contains ids and times and is not compared.
func (tab *tab) picture(name, element string) {
	tab.Helper()
	shot := chromedp.CaptureScreenshot()
	if element != "" {
		shot = chromedp.Screenshot(chromedp.CSS(element))
	}
	got, err := chromedp.Run(tab.ctx, shot)
	if err != nil {
		tab.Fatal(err)
	}
	file := filepath.Join(pictureFolder, name+".png")
	want := tab.recorded(file, got)
	if element == "" {
		return
	}
	if part := tab.differing(want, got); part > 0.02 {
		tab.Errorf("%s: %.1f %% of the picture differs; -update creates it again", name, 100*part)
	}
}

// differing returns the fraction of pixels that clearly differ, or 1 for pictures of different sizes. Browser
// versions render fonts slightly differently.
func (tab *tab) differing(want, got []byte) float64 {
	tab.Helper()
	a, b := tab.decode(want), tab.decode(got)
	if a.Bounds().Size() != b.Bounds().Size() {
		return 1
	}
	size, different := a.Bounds().Size(), 0
	for y := range size.Y {
		for x := range size.X {
			r, g, bl, _ := a.At(x, y).RGBA()
			r2, g2, bl2, _ := b.At(x, y).RGBA()
			if far(r, r2) || far(g, g2) || far(bl, bl2) {
				different++
			}
		}
	}
	return float64(different) / float64(size.X*size.Y)
}

func far(a, b uint32) bool { return max(a, b)-min(a, b) > 0x4000 }

func (tab *tab) decode(picture []byte) image.Image {
	tab.Helper()
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		tab.Fatal(err)
	}
	return decoded
}
