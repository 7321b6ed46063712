package vault

import (
	"bytes"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Pool is for tests that look behind the vault.
func (v *Vault) Pool() *pgxpool.Pool { return v.pool }

// Examine returns what would be kept of content.
func Examine(content []byte, declared string) ([]byte, error) {
	var kept bytes.Buffer
	_, _, err := examine(&kept, source{ReaderAt: bytes.NewReader(content), size: int64(len(content)), limit: DefaultMaxSize}, declared, "")
	return kept.Bytes(), err
}
