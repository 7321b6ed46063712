package intake_test

import (
	"errors"
	"slices"
	"testing"

	"runut/api/intake"
	"runut/domain"
)

// Rows as people type them; a number so high that counting on never ends is refused.
func TestRows(t *testing.T) {
	if got, err := intake.Rows("9-11, 4,10"); err != nil || !slices.Equal(got, []int{4, 9, 10, 11}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, typed := range []string{"", "satu", "4-", "-4", "5-4", "1-9999999", "9223372036854775807", "9223372036854775806-9223372036854775807"} {
		if got, err := intake.Rows(typed); !errors.Is(err, &domain.Error{Code: "import.row_wrong"}) {
			t.Errorf("%q: %d rows, %v", typed, len(got), err)
		}
	}
}
