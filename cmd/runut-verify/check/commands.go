package check

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"runut/domain"
	"runut/eventstore/proof"
	"runut/eventstore/verify"
)

// Export checks export files: records, leaves, root, signatures, legality.
type Export struct {
	Output
	Keys
	File       []string `arg:"" type:"existingfile" help:"Berkas ekspor; boleh .zst, boleh beberapa. · Export files; may be zstd, may be several."`
	Legality   bool     `default:"true" negatable:"" help:"Periksa juga sah tidaknya setiap langkah. · Also check that each act was allowed."`
	Checkpoint []string `type:"existingfile" help:"Checkpoint lama yang harus ada di dalamnya. · Earlier checkpoints that must be part of it."`
}

// Run carries out the command.
func (c *Export) Run(w *World) error {
	trust, err := c.Trust()
	if err != nil {
		return err
	}
	files := make([]verify.File, len(c.File))
	for i, path := range c.File {
		files[i] = verify.File{Name: path, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
	}
	return c.Output.Run(w, "export", func(r *verify.Report, progress func(done, total int64)) error {
		chain, err := verify.OpenChain(files, trust, r)
		if chain == nil || err != nil {
			return err
		}
		heads, err := earlier(c.Checkpoint, &chain.Trust, r)
		if err != nil {
			return err
		}
		return chain.Check(w.Context, verify.Options{Legality: c.Legality, Heads: heads, Progress: progress}, r)
	})
}

// earlier reads checkpoints that were kept from before. One that is not signed is
// a finding.
func earlier(paths []string, trust *proof.Trust, r *verify.Report) ([]verify.Head, error) {
	var heads []verify.Head
	for _, path := range paths {
		note, err := readSmall(path)
		if err != nil {
			return nil, err
		}
		if c := verify.Checkpoint(note, path, trust, r); c != nil {
			heads = append(heads, verify.Head{Size: c.Size, Root: c.Root, Place: path})
		}
	}
	return heads, nil
}

// Tiles checks a directory of tiles.
type Tiles struct {
	Output
	Keys
	Dir        string   `arg:"" type:"existingdir" help:"Folder yang berisi checkpoint dan tile/. · Directory that holds checkpoint and tile/."`
	Checkpoint []string `type:"existingfile" help:"Checkpoint lama yang harus ada di dalamnya. · Earlier checkpoints that must be part of it."`
}

// Run carries out the command.
func (c *Tiles) Run(w *World) error {
	fetch, done, err := folder(c.Dir)
	if err != nil {
		return err
	}
	defer done()
	return public(w, c.Output, c.Keys, "tiles", fetch, c.Checkpoint)
}

// Log checks a log over HTTP.
type Log struct {
	Output
	Keys
	URL        string   `arg:"" help:"Alamat log, mis. https://runut.example/log. · Address of the log."`
	Checkpoint []string `type:"existingfile" help:"Checkpoint lama yang harus ada di dalamnya. · Earlier checkpoints that must be part of it."`
}

// Run carries out the command.
func (c *Log) Run(w *World) error {
	fetch, err := site(c.URL)
	if err != nil {
		return err
	}
	return public(w, c.Output, c.Keys, "log", fetch, c.Checkpoint)
}

func public(w *World, o Output, k Keys, what string, fetch verify.Fetch, old []string) error {
	trust, err := k.Trust()
	if err != nil {
		return err
	}
	return o.Run(w, what, func(r *verify.Report, progress func(done, total int64)) error {
		heads, err := earlier(old, trust, r)
		if err != nil {
			return err
		}
		return verify.Tiles(w.Context, fetch, trust, heads, progress, r)
	})
}

// Proof checks the proof of one event.
type Proof struct {
	Output
	Keys
	File   string `arg:"" type:"existingfile" help:"Berkas .tlog-proof."`
	Record string `type:"existingfile" help:"Rekaman peristiwanya, atau barisnya dalam ekspor. · The event's record, or its line in an export."`
}

// Run carries out the command.
func (c *Proof) Run(w *World) error {
	trust, err := c.need()
	if err != nil {
		return err
	}
	file, err := readSmall(c.File)
	if err != nil {
		return err
	}
	var record []byte
	if c.Record != "" {
		if record, err = readSmall(c.Record); err != nil {
			return err
		}
	}
	return c.Output.Run(w, "proof", func(r *verify.Report, _ func(done, total int64)) error {
		verify.Inclusion(file, record, c.File, trust, r)
		return nil
	})
}

// Checkpoint checks an old checkpoint against a new one.
type Checkpoint struct {
	Output
	Keys
	Old         string   `arg:"" type:"existingfile" help:"Checkpoint yang disimpan dulu. · The checkpoint that was kept."`
	New         string   `arg:"" type:"existingfile" help:"Checkpoint yang baru. · The new checkpoint."`
	Log         string   `help:"Alamat log untuk mengambil ubin di antaranya. · Address of the log, for the tiles between them."`
	Tiles       string   `type:"existingdir" help:"Atau folder ubin. · Or a directory of tiles."`
	Export      []string `type:"existingfile" help:"Atau ekspor. · Or an export."`
	Consistency string   `type:"existingfile" help:"Atau bukti kesinambungan (JSON). · Or a consistency proof (JSON)."`
}

// Run carries out the command.
func (c *Checkpoint) Run(w *World) error {
	trust, err := c.need()
	if err != nil {
		return err
	}
	return c.Output.Run(w, "checkpoint", func(r *verify.Report, progress func(done, total int64)) error {
		heads, err := earlier([]string{c.Old, c.New}, trust, r)
		if err != nil || len(heads) < 2 {
			return err
		}
		return c.compare(w, heads, trust, progress, r)
	})
}

func (c *Checkpoint) compare(w *World, heads []verify.Head, trust *proof.Trust, progress func(done, total int64), r *verify.Report) error {
	older := proof.Checkpoint{Origin: trust.Origin, Size: heads[0].Size, Root: heads[0].Root}
	newer := proof.Checkpoint{Origin: trust.Origin, Size: heads[1].Size, Root: heads[1].Root}
	r.Size, r.Root = newer.Size, newer.Root.String()
	if older.Size >= newer.Size || older.Size == 0 {
		if err := proof.CheckConsistent(older, newer, nil); err != nil {
			r.Add(verify.Refused("verify.checkpoint", c.New, err))
		}
		r.Checked = append(r.Checked, "consistency")
		return nil
	}
	var fetch verify.Fetch
	switch {
	case c.Consistency != "":
		return c.proven(older, newer, r)
	case len(c.Export) > 0:
		return c.exported(w, heads, trust, progress, r)
	case c.Tiles != "":
		from, done, err := folder(c.Tiles)
		if err != nil {
			return err
		}
		defer done()
		fetch = from
	case c.Log != "":
		from, err := site(c.Log)
		if err != nil {
			return err
		}
		fetch = from
	default:
		r.Doubt(verify.Finding{Code: "verify.consistency_unproven", Place: c.New})
		return nil
	}
	return verify.Consistent(w.Context, fetch, older, newer, r)
}

func (c *Checkpoint) proven(older, newer proof.Checkpoint, r *verify.Report) error {
	text, err := readSmall(c.Consistency)
	if err != nil {
		return err
	}
	var p proof.Consistency
	if err := json.Unmarshal(text, &p); err != nil {
		r.Add(verify.Finding{Code: "verify.line", Place: c.Consistency, Observed: err.Error()})
		return nil
	}
	if err := proof.CheckConsistent(older, newer, p.Hashes); err != nil {
		r.Add(verify.Refused("verify.proof", c.Consistency, err))
	}
	r.Checked = append(r.Checked, "consistency")
	return nil
}

func (c *Checkpoint) exported(w *World, heads []verify.Head, trust *proof.Trust, progress func(done, total int64), r *verify.Report) error {
	files := make([]verify.File, len(c.Export))
	for i, path := range c.Export {
		files[i] = verify.File{Name: path, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
	}
	chain, err := verify.OpenChain(files, trust, r)
	if chain == nil || err != nil {
		return err
	}
	r.Checked = append(r.Checked, "consistency")
	return chain.Check(w.Context, verify.Options{Heads: heads, Progress: progress}, r)
}

// folder returns what reads tiles of a directory, and nothing outside it.
func folder(dir string) (fetch verify.Fetch, done func(), err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	return func(_ context.Context, path string) ([]byte, error) {
		f, err := root.Open(filepath.FromSlash(path))
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, maxTile))
	}, func() { root.Close() }, nil
}

// maxTile bounds a tile, a bundle of entries and a checkpoint.
const maxTile = 64 << 10

// site returns what reads tiles over HTTP.
func site(address string) (verify.Fetch, error) {
	base, err := url.Parse(strings.TrimSuffix(address, "/") + "/")
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, domain.Refuse(domain.Invalid, "verify.address", "address", address)
	}
	client := &http.Client{Timeout: 30 * time.Second}
	return func(ctx context.Context, path string) ([]byte, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, base.String()+path, nil)
		if err != nil {
			return nil, err
		}
		response, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		defer response.Body.Close()
		switch response.StatusCode {
		case http.StatusOK:
			return io.ReadAll(io.LimitReader(response.Body, maxTile))
		case http.StatusNotFound, http.StatusGone:
			return nil, fs.ErrNotExist
		}
		return nil, domain.Refuse(domain.Unready, "verify.http", "url", base.String()+path, "status", strconv.Itoa(response.StatusCode))
	}, nil
}
