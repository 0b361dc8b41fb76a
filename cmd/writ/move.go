package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/writdev/writ"
)

// moveCmd is `writ move`.
type moveCmd struct {
	From    string `required:"" placeholder:"DATA" help:"Data directory or database to copy from."`
	To      string `required:"" placeholder:"DATA" help:"New data directory, or migrated database, to copy to."`
	KeyFile string `env:"WRIT_KEY_FILE" placeholder:"FILE" help:"Sealing key of the source database, for a copy to a data directory."`
}

// Run copies the state and compares the copy. Cut off, it goes on when it is run again.
func (c *moveCmd) Run(s streams) error {
	ctx, stop := untilSignal()
	defer stop()
	bar := progressBar{out: s.err, start: time.Now()}
	err := writ.Move(ctx, c.From, c.To, c.KeyFile, bar.show)
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "Moved %d rows; both states have the same.\n", bar.done)
	if !strings.Contains(c.From, "://") && strings.Contains(c.To, "://") {
		fmt.Fprintf(s.out, "Its servers need the sealing key: --key-file with a copy of %s/writ.key\n", strings.TrimSuffix(c.From, "/"))
	}
	return nil
}

// progressBar shows how far something has come, on one line.
type progressBar struct {
	out   io.Writer
	start time.Time
	shown time.Time
	done  int64
}

const barWidth = 40

func (b *progressBar) show(done, total int64) {
	b.done = done
	if time.Since(b.shown) < 200*time.Millisecond && done < total {
		return
	}
	b.shown = time.Now()
	filled := barWidth
	if total > 0 && done < total {
		filled = int(barWidth * done / total)
	}
	fmt.Fprintf(b.out, "\r[%s%s] %d of %d rows, %s", strings.Repeat("=", filled), strings.Repeat(" ", barWidth-filled),
		done, total, time.Since(b.start).Round(time.Second))
}

// end ends the line, if there is one.
func (b *progressBar) end() {
	if !b.shown.IsZero() {
		fmt.Fprintln(b.out)
	}
}
