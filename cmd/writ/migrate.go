package main

import (
	"fmt"

	"github.com/writdev/writ"
)

// migrateCmd is `writ migrate`.
type migrateCmd struct {
	Data string `required:"" env:"WRIT_DATA" placeholder:"ADDRESS" help:"The database: postgres://USER:PASSWORD@HOST/DATABASE."`
}

// Run makes the migrations that the database lacks. One that is cut off is made again the
// next time.
func (c *migrateCmd) Run(s streams) error {
	ctx, stop := untilSignal()
	defer stop()
	made := 0
	err := writ.Migrate(ctx, c.Data, func(number, of int) {
		made++
		fmt.Fprintf(s.out, "migration %d of %d\n", number, of)
	})
	if err != nil {
		return err
	}
	if made == 0 {
		fmt.Fprintln(s.out, "The database is up to date.")
	}
	return nil
}
