package main

import (
	"context"
	"fmt"
	"maps"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/writdev/writ"
)

// untilSignal is a context that ends when the process is told to stop.
func untilSignal() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
}

// backupCmd is `writ backup`.
type backupCmd struct {
	File string `arg:"" placeholder:"FILE" help:"New file to write."`
	Data string `default:"./writ-data" env:"WRIT_DATA" placeholder:"DIR" help:"Data directory (default ${default})."`
}

// Run writes the backup. The file gets its name when all of it was read back.
func (c *backupCmd) Run(s streams) error {
	ctx, stop := untilSignal()
	defer stop()
	if err := writ.Backup(ctx, c.Data, c.File); err != nil {
		return err
	}
	return describe(ctx, s, c.File)
}

// restoreCmd is `writ restore`.
type restoreCmd struct {
	File string `arg:"" placeholder:"FILE" help:"Backup to read."`
	Data string `default:"./writ-data" env:"WRIT_DATA" placeholder:"DIR" help:"Data directory to create; it must not exist or be empty (default ${default})."`
}

// Run makes the directory.
func (c *restoreCmd) Run(s streams) error {
	ctx, stop := untilSignal()
	defer stop()
	if err := writ.Restore(ctx, c.File, c.Data); err != nil {
		return err
	}
	return describe(ctx, s, c.Data)
}

// verifyCmd is `writ verify`.
type verifyCmd struct {
	Data string `arg:"" default:"./writ-data" placeholder:"DIR" help:"Data directory or backup to read (default ${default})."`
}

// Run reads everything; the exit code is 1 if something is damaged.
func (c *verifyCmd) Run(s streams) error {
	ctx, stop := untilSignal()
	defer stop()
	return describe(ctx, s, c.Data)
}

// describe verifies a state and says what is in it, or what is wrong with it.
func describe(ctx context.Context, s streams, data string) error {
	report, err := writ.Verify(ctx, data)
	if err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		for _, problem := range report.Problems {
			fmt.Fprintln(s.out, problem)
		}
		return fmt.Errorf("%s is damaged", data)
	}
	var rows []string
	for _, table := range slices.Sorted(maps.Keys(report.Rows)) {
		rows = append(rows, fmt.Sprintf("%s %d", table, report.Rows[table]))
	}
	fmt.Fprintf(s.out, "%s is whole: %s\n", data, strings.Join(rows, ", "))
	return nil
}
