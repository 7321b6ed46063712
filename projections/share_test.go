package projections_test

import (
	"testing"

	"runut/projections"
)

func TestShareIsWrittenAsADecimal(t *testing.T) {
	for share, want := range map[projections.Share]string{
		0: "0", projections.One: "1", 1502_500_000: "1502.5", 333_333: "0.333333", -500_000: "-0.5", -1_250_000: "-1.25", 5523 * projections.One: "5523",
	} {
		got, err := share.MarshalJSON()
		if err != nil || string(got) != want {
			t.Errorf("%d is written %s, %v; want %s", int64(share), got, err, want)
		}
	}
}
