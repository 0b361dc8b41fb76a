package analyze

import (
	"cmp"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writdev/writ/policy"
)

// candidates returns values of which one satisfies the operators of numbers, dates and addresses, if any
// value does: one of each class of values that the operators distinguish. The engine evaluates them. The
// shortest come first.
func candidates(predicates []policy.Predicate) []string {
	found := []string{"x"} // invalid for all such operators
	found = append(found, numberCandidates(predicates)...)
	found = append(found, dateCandidates(predicates)...)
	found = append(found, addressCandidates(predicates)...)
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	return slices.Compact(found)
}

func ofFamily(predicates []policy.Predicate, f policy.Family) []policy.Predicate {
	var of []policy.Predicate
	for _, p := range predicates {
		if p.Family() == f {
			of = append(of, p)
		}
	}
	return of
}

// numberCandidates returns the numbers of the operators and the two neighbors of each, with a precision that
// leaves a value between any two of them.
func numberCandidates(predicates []policy.Predicate) []string {
	predicates = ofFamily(predicates, policy.NumericFamily)
	if len(predicates) == 0 {
		return nil
	}
	digits := 0
	eachNumber(predicates, func(_ bool, _, fraction string) { digits = max(digits, len(fraction)) })
	digits++
	found := []string{"0"}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	eachNumber(predicates, func(negative bool, whole, fraction string) {
		n, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10)
		if !ok {
			return
		}
		if negative {
			n.Neg(n)
		}
		for _, step := range []*big.Int{big.NewInt(-1), big.NewInt(0), big.NewInt(1), new(big.Int).Neg(scale), scale} {
			found = append(found, decimalText(new(big.Int).Add(n, step), digits))
		}
	})
	return found
}

func eachNumber(predicates []policy.Predicate, visit func(negative bool, whole, fraction string)) {
	for _, p := range predicates {
		for i := range p.Len() {
			if negative, whole, fraction, ok := p.Number(i); ok {
				visit(negative, whole, fraction)
			}
		}
	}
}

// decimalText formats n divided by ten to the power of digits.
func decimalText(n *big.Int, digits int) string {
	text, negative := strings.CutPrefix(n.String(), "-")
	if len(text) <= digits {
		text = strings.Repeat("0", digits-len(text)+1) + text
	}
	whole, fraction := text[:len(text)-digits], strings.TrimRight(text[len(text)-digits:], "0")
	if fraction != "" {
		whole += "." + fraction
	}
	if negative {
		return "-" + whole
	}
	return whole
}

// dateCandidates returns the instants of the operators and the neighbors of each.
func dateCandidates(predicates []policy.Predicate) []string {
	predicates = ofFamily(predicates, policy.DateFamily)
	if len(predicates) == 0 {
		return nil
	}
	found := []string{"2026-01-01T00:00:00Z"}
	for _, p := range predicates {
		for i := range p.Len() {
			seconds, nanos, ok := p.Date(i)
			if !ok {
				continue
			}
			for _, t := range []time.Time{
				time.Unix(seconds, int64(nanos)-1), time.Unix(seconds, int64(nanos)), time.Unix(seconds, int64(nanos)+1),
				time.Unix(seconds-1, int64(nanos)), time.Unix(seconds+1, int64(nanos)),
			} {
				found = append(found, dateTexts(t.UTC())...)
			}
		}
	}
	return found
}

// dateTexts returns the formats in which a policy can contain an instant.
func dateTexts(t time.Time) []string {
	var texts []string
	if 0 <= t.Year() && t.Year() <= 9999 {
		texts = append(texts, t.Format("2006-01-02T15:04:05.999999999Z07:00"))
	}
	if t.Nanosecond() == 0 {
		texts = append(texts, strconv.FormatInt(t.Unix(), 10))
	}
	return texts
}

// addressCandidates returns the first address of every block, the one after its last, and the lowest address:
// the boundaries of sets of blocks.
func addressCandidates(predicates []policy.Predicate) []string {
	predicates = ofFamily(predicates, policy.IPAddressFamily)
	if len(predicates) == 0 {
		return nil
	}
	found := []string{"192.0.2.1", "0.0.0.0", "2001:db8::1", "::"}
	for _, p := range predicates {
		for i := range p.Len() {
			prefix, ok := p.Prefix(i)
			if !ok {
				continue
			}
			found = append(found, prefix.Masked().Addr().String())
			if after := lastAddress(prefix).Next(); after.IsValid() {
				found = append(found, after.String())
			}
		}
	}
	return found
}

func lastAddress(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < 8*len(b); bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
