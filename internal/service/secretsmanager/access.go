package secretsmanager

import (
	"sync"
	"time"
)

// accessTimes holds the days on which values were last read. They are kept in memory, so that a read costs no
// write, and are lost when the process ends. The zero value is ready to use.
type accessTimes struct {
	mu   sync.Mutex
	days map[accessKey]time.Time
}

// accessKey is a secret, or one version of it.
type accessKey struct{ arn, version string }

// maxAccessTimes limits memory use: a full map is emptied.
const maxAccessTimes = 100_000

// record records that a version was read.
func (a *accessTimes) record(arn, version string, now time.Time) {
	day := now.UTC().Truncate(24 * time.Hour)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.days == nil || len(a.days) >= maxAccessTimes {
		a.days = map[accessKey]time.Time{}
	}
	a.days[accessKey{arn, ""}], a.days[accessKey{arn, version}] = day, day
}

// last returns the day on which a version, or any version if it is "", was last read, or nil if it was not.
func (a *accessTimes) last(arn, version string) *time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if day, ok := a.days[accessKey{arn, version}]; ok {
		return &day
	}
	return nil
}
