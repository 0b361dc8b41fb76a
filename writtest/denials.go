package writtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/writdev/writ/internal/decision"
)

// maxDenials is how many denials a failed test logs, the last ones.
const maxDenials = 10

// logDenials logs, if the test failed, why requests of it were denied, and the smallest
// changes that would allow them.
func (s *Server) logDenials() {
	if !s.t.Failed() {
		return
	}
	body := control(s.t, "GET", s.URL+"/_writ/decisions?outcome=denied&limit="+strconv.Itoa(maxDenials), "", http.StatusOK)
	var denied struct{ Decisions []decision.Record }
	if err := json.Unmarshal([]byte(body), &denied); err != nil {
		s.t.Error(err)
		return
	}
	for _, record := range slices.Backward(denied.Decisions) { // the newest is the first
		var text strings.Builder
		if err := record.WriteText(&text, false); err != nil {
			s.t.Error(err)
			return
		}
		s.t.Logf("denied by Writ:\n%s", text.String())
	}
}
