package proposal

import "strconv"

// Year returns the fiscal year in a proposal's number: 2027 for U-27-4K7M2XR.
// It returns 0 for what is no number.
func Year(number string) int {
	if len(number) < 5 || number[:2] != "U-" || number[4] != '-' {
		return 0
	}
	yy, err := strconv.Atoi(number[2:4])
	if err != nil {
		return 0
	}
	return 2000 + yy
}
