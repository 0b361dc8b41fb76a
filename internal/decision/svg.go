package decision

import (
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// The picture of a decision is 900 units wide. The request is a line from top to bottom. It passes the layers
// of policies in order of evaluation and stops at the one that denies. Within one account the layers are to
// the right of the line; across accounts the caller's layers are on its left and the resource's on its right.

// Measures of the picture, in its own units.
const (
	svgWidth   = 900
	svgMargin  = 24
	lineHeight = 17
	charWidth  = 6.65 // of the monospace font at 11 units, rounded up
	boxPadding = 12
	nodeRadius = 9
	boxGap     = 14
)

// maxStatements is the largest number of statements drawn for a layer: those that apply come first.
const maxStatements = 6

// WriteSVG writes a record as a picture. Equal records give equal bytes.
func (r *Record) WriteSVG(w io.Writer) error {
	d := &drawing{}
	d.record(r)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title desc">`+"\n", svgWidth, d.y, svgWidth, d.y)
	fmt.Fprintf(&b, "<title id=\"title\">%s</title>\n", escape(r.headline()))
	fmt.Fprintf(&b, "<desc id=\"desc\">%s</desc>\n", escape(r.description()))
	b.WriteString(svgStyle)
	fmt.Fprintf(&b, "<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n", svgWidth, d.y)
	b.WriteString(d.b.String())
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// palette holds the colors of a picture.
type palette struct{ page, panel, edge, text, dim, allow, deny, miss, change string }

var (
	light = palette{"#ffffff", "#f6f8fa", "#d0d7de", "#1f2328", "#59636e", "#1a7f37", "#cf222e", "#9a6700", "#dafbe1"}
	dark  = palette{"#0d1117", "#151b23", "#3d444d", "#f0f6fc", "#9198a1", "#3fb950", "#f85149", "#d29922", "#12261e"}
)

// rules returns the colors of a palette as CSS. It uses no variables, which some SVG renderers do not
// support.
func (p palette) rules() string {
	return strings.NewReplacer(
		"PAGE", p.page, "PANEL", p.panel, "EDGE", p.edge, "TEXT", p.text, "DIM", p.dim,
		"ALLOW", p.allow, "DENY", p.deny, "MISS", p.miss, "CHANGE", p.change,
	).Replace(`.page{fill:PAGE}.panel{fill:PANEL;stroke:EDGE}.panel.allow{stroke:ALLOW}.panel.deny{stroke:DENY}.panel.change{fill:CHANGE;stroke:ALLOW}
text{fill:TEXT}.dim{fill:DIM}.allow-text{fill:ALLOW}.deny-text{fill:DENY}.miss-text{fill:MISS}
.way{stroke:ALLOW}.way.stopped,.arm{stroke:EDGE}.node{fill:PAGE}.node.allow{stroke:ALLOW}.node.grant{stroke:ALLOW;fill:ALLOW}.node.deny{stroke:DENY;fill:DENY}.node.none{stroke:DIM}.sign{stroke:PAGE}
`)
}

// svgStyle is the style of every picture: light, or dark if the reader prefers that.
var svgStyle = `<style>
text{font:13px system-ui,sans-serif;white-space:pre}.big{font-size:17px;font-weight:600}.bold{font-weight:600}.code{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.deciding{stroke-width:2}.way{stroke-width:3;fill:none}.way.stopped{stroke-dasharray:3 5}.arm{stroke-width:1.5}.node{stroke-width:2.5}.sign{stroke-width:2.5;fill:none}
` + light.rules() + "@media (prefers-color-scheme:dark){\n" + dark.rules() + "}\n</style>\n"

// description returns the text for screen readers.
func (r *Record) description() string {
	text := r.Sentence
	for _, l := range r.Layers {
		text += fmt.Sprintf(" %s: %s.", l.name(), verdictText(l.Verdict))
	}
	if r.Change != nil {
		text += " " + r.Change.Summary
	}
	return text
}

type drawing struct {
	b strings.Builder
	y int // the vertical position of the next element
}

func (d *drawing) record(r *Record) {
	d.y += svgMargin + 8
	style := map[Outcome]string{Allowed: "allow-text", Denied: "deny-text", WouldBeDenied: "miss-text"}[r.Outcome]
	d.text(svgMargin, "big "+style, strings.ToUpper(string(r.Outcome)))
	d.text(svgMargin+20+10*utf8.RuneCountInString(string(r.Outcome))+16, "big", r.Action)
	d.y += 22
	d.wrappedText(svgMargin, svgWidth-2*svgMargin, "code", "caller   "+r.Caller.describe())
	d.wrappedText(svgMargin, svgWidth-2*svgMargin, "code", "resource "+r.Resource)
	for _, k := range r.Context {
		d.wrappedText(svgMargin, svgWidth-2*svgMargin, "code dim", "key      "+k.String())
	}
	d.requestLine(r)
	d.change(r)
	for i := range r.Children {
		d.text(svgMargin, "bold", fmt.Sprintf("Checked on behalf of the caller (%d of %d):", i+1, len(r.Children)))
		d.record(&r.Children[i])
	}
}

// layerStop is one layer that the request passes.
type layerStop struct {
	Layer
	state string // of its node: "allow", "grant", "deny" or "none"
}

// stops returns the layers, and the deciding one if it contains no policies.
func (r *Record) stops() []layerStop {
	var stops []layerStop
	decided := false
	for _, l := range r.Layers {
		s := layerStop{Layer: l, state: "none"}
		deciding := slices.Contains(r.DecidedBy, l.Layer)
		switch {
		case l.Verdict == "allow" && deciding && r.Verdict == "allow":
			s.state = "grant"
		case l.Verdict == "allow":
			s.state = "allow"
		case deciding && l.Verdict == r.Verdict && !decided:
			s.state = "deny"
		}
		decided = decided || s.state == "deny" || s.state == "grant"
		stops = append(stops, s)
	}
	if decided {
		return stops
	}
	for _, name := range r.DecidedBy {
		s := layerStop{Layer: Layer{Layer: name, Side: callerSide}, state: "deny"}
		if name == "resource" || name == Ownership {
			s.Side = resourceSide
		}
		if r.Verdict == "allow" && name != Ownership {
			s.state = "grant"
		}
		stops = append(stops, s)
	}
	return stops
}

// requestLine draws the line of the request and the layers beside it.
func (d *drawing) requestLine(r *Record) {
	two := len(r.Sides) == 2
	x, width := svgMargin+nodeRadius, svgWidth-2*svgMargin-3*nodeRadius-8
	if two {
		x, width = svgWidth/2, svgWidth/2-svgMargin-nodeRadius-22
		d.y += 28
		d.text(svgMargin, "bold", "Caller's account "+r.Sides[0].Account)
		d.text(x+nodeRadius+22, "bold", "Resource's account "+r.Sides[1].Account)
		d.y += 8
	}
	d.y += 8
	from, stopped := d.y, false
	nodes := &drawing{} // drawn above the line
	for _, s := range r.stops() {
		left := two && s.Side == callerSide
		box := x + nodeRadius + 20
		if left {
			box = svgMargin
		}
		d.y += boxGap
		top := d.y
		middle := top + 22
		d.line(x, from, x, middle, way(stopped))
		if left {
			d.line(box+width, middle, x, middle, "arm")
		} else {
			d.line(x, middle, box, middle, "arm")
		}
		height := d.layer(r, s, box, top, width)
		nodes.node(x, middle, s.state)
		stopped = stopped || s.state == "deny"
		from, d.y = middle, top+height
	}
	d.line(x, from, x, d.y+boxGap, way(stopped))
	if !stopped {
		end := d.y + boxGap
		fmt.Fprintf(&d.b, "<path class=\"way\" d=\"M%d %dl6 -8M%d %dl-6 -8\"/>\n", x, end, x, end)
	}
	d.b.WriteString(nodes.b.String())
	d.y += boxGap + 18
}

func way(stopped bool) string {
	if stopped {
		return "way stopped"
	}
	return "way"
}

// layer draws the box of a layer and returns its height.
func (d *drawing) layer(r *Record, s layerStop, x, top, width int) int {
	box := &drawing{y: top + 26}
	style := map[string]string{"allow": "allow-text", "explicitDeny": "deny-text", "implicitDeny": "dim"}[s.Verdict]
	name := s.name()
	box.text(x+boxPadding, "bold", strings.ToUpper(name[:1])+name[1:])
	if s.Verdict != "" {
		fmt.Fprintf(&box.b, "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", style, x+width-boxPadding, box.y, verdictText(s.Verdict))
	}
	box.y += 4
	shown := s.orderedStatements()
	for _, st := range shown[:min(len(shown), maxStatements)] {
		box.y += 3
		box.wrappedText(x+boxPadding, width-2*boxPadding, "code"+statementStyle(st), st.mark()+" "+st.describe())
	}
	switch rest := len(shown) - maxStatements; {
	case rest > 0:
		box.wrappedText(x+boxPadding, width-2*boxPadding, "code dim", fmt.Sprintf("and %d more statements that do not apply", rest))
	case len(shown) == 0 && s.Verdict != "":
		box.wrappedText(x+boxPadding, width-2*boxPadding, "code dim", "no statement")
	case len(shown) == 0 && s.state == "deny":
		box.wrappedText(x+boxPadding, width-2*boxPadding, "code dim", "there is no such policy")
	}
	height := box.y + boxPadding - top
	deciding := ""
	switch s.state {
	case "deny":
		deciding = " deny deciding"
	case "grant":
		deciding = " allow deciding"
	}
	fmt.Fprintf(&d.b, "<rect class=\"panel%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", deciding, x, top, width, height)
	d.b.WriteString(box.b.String())
	return height
}

// orderedStatements returns the statements that apply first, denials before allows.
func (s layerStop) orderedStatements() []Statement {
	list := slices.Clone(s.Statements)
	rank := func(st Statement) int {
		switch {
		case st.Applies && st.Effect != "Allow":
			return 0
		case st.Applies:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(list, func(a, b Statement) int { return rank(a) - rank(b) })
	return list
}

func statementStyle(s Statement) string {
	switch {
	case !s.Applies:
		return " dim"
	case s.Effect == "Allow":
		return " allow-text bold"
	}
	return " deny-text bold"
}

// change draws the nearest miss and the smallest change.
func (d *drawing) change(r *Record) {
	if r.Change == nil {
		return
	}
	top := d.y
	box := &drawing{y: top + 24}
	x, width := svgMargin+boxPadding, svgWidth-2*svgMargin-2*boxPadding
	class := "panel change"
	if len(r.Change.Edits) == 0 {
		class = "panel"
	}
	box.text(x, "bold", "Change that would allow it")
	box.y += 6
	for _, e := range r.Change.Edits {
		box.wrappedText(x, width, "code allow-text", "+ "+e.Text)
	}
	box.wrappedText(x, width, "code", r.Change.Summary)
	if r.NearestMiss != nil {
		box.wrappedText(x, width, "code dim", "nearest: "+r.NearestMiss.describe())
	}
	height := box.y + boxPadding - top
	fmt.Fprintf(&d.b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", class, svgMargin, top, svgWidth-2*svgMargin, height)
	d.b.WriteString(box.b.String())
	d.y = top + height + svgMargin
}

// node draws the state of the request at a layer: a ring where it passes, a full disc with a tick where it is
// granted, with a cross where it stops.
func (d *drawing) node(x, y int, state string) {
	fmt.Fprintf(&d.b, "<circle class=\"node %s\" cx=\"%d\" cy=\"%d\" r=\"%d\"/>\n", state, x, y, nodeRadius)
	switch state {
	case "deny":
		fmt.Fprintf(&d.b, "<path class=\"sign\" d=\"M%d %dl8 8m0 -8l-8 8\"/>\n", x-4, y-4)
	case "grant":
		fmt.Fprintf(&d.b, "<path class=\"sign\" d=\"M%d %dl3 4l6 -8\"/>\n", x-5, y)
	}
}

func (d *drawing) line(x1, y1, x2, y2 int, class string) {
	fmt.Fprintf(&d.b, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", class, x1, y1, x2, y2)
}

// text writes one line of text at the current height.
func (d *drawing) text(x int, class, s string) {
	fmt.Fprintf(&d.b, "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n", class, x, d.y, escape(s))
}

// wrappedText writes text in lines that fit a width, below the current height.
func (d *drawing) wrappedText(x, width int, class, s string) {
	const hanging = "  "
	for i, line := range wrap(printable(s), int(float64(width)/charWidth), len(hanging)) {
		if i > 0 {
			line = hanging + line
		}
		d.y += lineHeight
		d.text(x, class, line)
	}
}

// wrap divides text into lines of at most size characters, where later lines leave room for an indent. It
// breaks after a space, a comma, a colon or a slash if possible.
func wrap(s string, size, indent int) []string {
	var lines []string
	rest := []rune(s)
	for limit := size; len(rest) > limit; limit = size - indent {
		cut := limit
		for i := limit; i > limit/2; i-- {
			if strings.ContainsRune(" ,:/", rest[i-1]) {
				cut = i
				break
			}
		}
		lines = append(lines, strings.TrimRight(string(rest[:cut]), " "))
		rest = rest[cut:]
	}
	return append(lines, string(rest))
}

// escape returns a string as escaped text.
func escape(s string) string { return html.EscapeString(printable(s)) }

// printable replaces characters that XML does not allow.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' || c == '\r' {
			return ' '
		}
		if c < ' ' || c == 0xFFFE || c == 0xFFFF || c == utf8.RuneError {
			return '\uFFFD'
		}
		return c
	}, s)
}
