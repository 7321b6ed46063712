//go:build !linux && !darwin

package pgtest

import (
	"context"
	"os"

	"runut/eventstore/localpg"
)

// join returns the server named by RUNUT_TEST_DATABASE_URL: on this system none
// is started.
func join() (*server, error) {
	if url := os.Getenv("RUNUT_TEST_DATABASE_URL"); url != "" {
		return given(url)
	}
	_, err := localpg.Find(context.Background(), localpg.Config{})
	return nil, err
}
