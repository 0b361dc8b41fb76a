package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestErrorsOfServers: which errors say that a commit did not take place, and after which a
// transaction without a commit runs again.
func TestErrorsOfServers(t *testing.T) {
	server := func(severity, code string) error {
		return fmt.Errorf("database: %w", &pgconn.PgError{SeverityUnlocalized: severity, Severity: "FEHLER", Code: code})
	}
	for _, c := range []struct {
		name             string
		err              error
		refusal, passing bool
	}{
		{"serialization failure", server("ERROR", "40001"), true, true},
		{"deadlock", server("ERROR", "40P01"), true, true},
		{"completion unknown", server("ERROR", "40003"), false, false},
		{"a key that is too long", server("ERROR", "54000"), true, false},
		{"no such table", server("ERROR", "42P01"), true, false},
		{"read-only", server("ERROR", "25006"), true, true},
		{"shutdown", server("FATAL", "57P01"), false, true},
		{"shutdown while waiting for a replica", server("ERROR", "57P01"), false, true},
		{"cancelled while waiting for a replica", server("ERROR", "57014"), false, false},
		{"starting up", server("FATAL", "57P03"), false, true},
		{"connection failure", server("FATAL", "08006"), false, true},
		{"disk full", server("ERROR", "53100"), true, false},
		{"damage", server("ERROR", "XX001"), false, false},
		{"the server has gone", io.ErrUnexpectedEOF, false, true},
		{"the server does not answer", os.ErrDeadlineExceeded, false, false},
		{"our own mistake", errors.New("scan 2 columns into 3 places"), false, false},
		{"closed", ErrClosed, false, false},
	} {
		if got := isRefusal(c.err); got != c.refusal {
			t.Errorf("%s: is a refusal: %t", c.name, got)
		}
		if got := isPassing(c.err); got != c.passing {
			t.Errorf("%s: is passing: %t", c.name, got)
		}
	}
}
