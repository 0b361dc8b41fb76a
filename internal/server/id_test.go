package server

import (
	"regexp"
	"testing"
	"time"
)

func TestIDs(t *testing.T) {
	now := time.UnixMilli(0x017F22E279B0) // the example of RFC 9562, appendix A.6
	for version, id := range map[string]string{"4": newID(), "7": newOrderedID(now)} {
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-` + version + `[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
			t.Errorf("%s is no UUID of version %s", id, version)
		}
	}
	first, again, later := newOrderedID(now), newOrderedID(now), newOrderedID(now.Add(time.Millisecond))
	if first[:13] != "017f22e2-79b0" || first == again || later <= first {
		t.Errorf("%s, %s, and a millisecond later %s", first, again, later)
	}
}
