package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// leftFiles are the workbooks that an import leaves beside its file; "" for none.
type leftFiles struct {
	Confirm    string `json:"confirm,omitempty"`
	Quarantine string `json:"quarantine,omitempty"`
}

// writeBeside makes a workbook beside a file, daftar.xlsx giving
// daftar.karantina.xlsx, and returns its path. One that is there already may hold
// an officer's answers, so it is left alone and the next number is taken.
func writeBeside(file, what string, write func(io.Writer) error) (path string, err error) {
	stem := strings.TrimSuffix(file, filepath.Ext(file))
	for n := 1; ; n++ {
		path = stem + "." + what + ".xlsx"
		if n > 1 {
			path = fmt.Sprintf("%s.%s-%d.xlsx", stem, what, n)
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) && n < 1000 {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			os.Remove(path)
			return "", err
		}
		return path, nil
	}
}
