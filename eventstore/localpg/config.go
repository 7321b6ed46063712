package localpg

import (
	"os"
	"path/filepath"
)

// Oldest is the oldest major version of PostgreSQL that will do.
const Oldest = 15

// A Config says where the cluster lives and how PostgreSQL may be had. Only Dir
// is needed.
type Config struct {
	Dir string // the program's data folder; made when missing

	URL       string // a server somebody else runs; nothing is then searched, installed or started
	Bin       string // folder that holds initdb and postgres; "" searches
	Offline   bool   // fetch nothing: neither npm nor apt-get
	NoInstall bool   // never call apt-get

	Throwaway bool              // give up durability for speed: tests only
	Settings  map[string]string // further settings of PostgreSQL
	Restarts  int               // restarts allowed within a minute; 0 means 5, negative none

	// Say is told of each step, in Indonesian, for whoever waits. It may be called
	// from another goroutine when PostgreSQL is restarted. Nil is silent.
	Say func(step string)

	unbound bool // tests: let PostgreSQL outlive the program, as on macOS
}

// FromEnvironment returns a Config with what RUNUT_DATABASE_URL, RUNUT_PG_BIN and
// RUNUT_NO_INSTALL say. Nothing else in this package reads the environment's RUNUT_*.
func FromEnvironment() Config {
	return Config{
		URL:       os.Getenv("RUNUT_DATABASE_URL"),
		Bin:       os.Getenv("RUNUT_PG_BIN"),
		NoInstall: os.Getenv("RUNUT_NO_INSTALL") == "1",
	}
}

func (c Config) say(step string) {
	if c.Say != nil {
		c.Say(step)
	}
}

// Programs are PostgreSQL's server programs in one folder.
type Programs struct {
	Folder  string // holds initdb and postgres
	Version string // "15.18"
	Major   int    // 15
}

func (p Programs) path(name string) string { return filepath.Join(p.Folder, name) }
