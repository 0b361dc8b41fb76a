package server

import (
	"context"
	"time"
)

// saveUsageEvery is how often the last uses of access keys are written down, while there are
// requests.
const saveUsageEvery = time.Minute

// LoadUsage reads the last uses of access keys that were written down.
func (s *Server) LoadUsage(ctx context.Context) error { return s.keyUsage.Load(ctx, s.cfg.Store) }

// SaveUsage writes them down. It is for the end of the server, too.
func (s *Server) SaveUsage(ctx context.Context) error { return s.keyUsage.Save(ctx, s.cfg.Store) }

// saveUsageAtTimes is SaveUsage if the last one was long ago. What it cannot write down now
// waits for the next time.
func (s *Server) saveUsageAtTimes(ctx context.Context) {
	last, now := s.usageSaved.Load(), time.Now().UnixNano()
	if now-last < int64(saveUsageEvery) || !s.usageSaved.CompareAndSwap(last, now) {
		return
	}
	if err := s.SaveUsage(ctx); err != nil {
		s.cfg.Log.Error("the last uses of access keys could not be written down", "error", err)
	}
}
