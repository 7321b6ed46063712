package domain

// SearchAll returns how many personal details there are in what somebody wrote,
// without having looked first whether there may be any.
func SearchAll(written string) int { return len(search(written, true, true, true)) }
