// Runut traces what becomes of a development proposal, and proves it.
//
// Usage: runut COMMAND; see runut --help. With nothing set up, start with
// runut dev.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"runut/api/text"
	"runut/cmd/runut-verify/check"
	"runut/domain/workflow"
	"runut/eventstore/verify"
)

// errQuiet ends a command that has said what is wrong in its output.
var errQuiet = errors.New("said already")

// A session is what every command may use of the world around the program.
type session struct {
	ctx  context.Context
	out  io.Writer // results
	err  io.Writer // progress and complaints
	lang text.Lang
}

type cli struct {
	Lang string `help:"Bahasa: id atau en. · Language: id or en." enum:"id,en" default:"id" env:"RUNUT_LANG"`

	Dev      devCommand      `cmd:"" help:"Jalankan semuanya di mesin ini: PostgreSQL pribadi, data contoh, server. · Run everything on this machine."`
	Serve    serveCommand    `cmd:"" help:"Layani basis data yang ada (produksi). · Serve an existing database (production)."`
	Migrate  migrateCommand  `cmd:"" help:"Perbarui skema basis data. · Bring the database schema up to date."`
	Account  accountCommand  `cmd:"" help:"Penugasan pertama dan token. · The first grant, and tokens."`
	Person   personCommand   `cmd:"" help:"Orang: daftarkan, betulkan namanya, lihat penugasannya. · People: register them, correct their names, see their grants."`
	Grant    grantCommand    `cmd:"" help:"Penugasan: beri, cabut, dan beri kode masuk. · Grants: give, revoke, and hand out codes to sign in."`
	Minutes  minutesCommand  `cmd:"" help:"Berita acara sebuah forum sebagai berkas HTML. · The berita acara of a forum as an HTML file."`
	Letters  lettersCommand  `cmd:"" help:"Surat ke desa: apa yang terjadi dengan usulannya. · Letters to villages: what became of their proposals."`
	Explain  explainCommand  `cmd:"" help:"Jelaskan nasib sebuah usulan dan sebabnya. · Explain what became of a proposal, and why."`
	Dossier  dossierCommand  `cmd:"" help:"Dosir usulan untuk auditor: jawaban, peristiwa, bukti, dokumen. · A dossier of proposals for auditors: answer, events, proofs, documents."`
	Process  processCommand  `cmd:"" help:"Bagaimana pekerjaan satu tahun berjalan: waktu per tahap, ragam jalan, kepatuhan. · How a year's work went: time at each stage, ways, conformance."`
	Ocel     ocelCommand     `cmd:"" help:"Tulis peristiwa satu tahun sebagai OCEL 2.0 untuk alat penambangan proses. · Write a year's events as OCEL 2.0 for process mining tools."`
	Findings findingsCommand `cmd:"" help:"Cari hal yang patut diperiksa auditor dalam satu tahun. · What an auditor should look at in a year."`
	Follow   followCommand   `cmd:"" help:"Cetak peristiwa baris demi baris dan ingat posisinya. · Print events line by line and remember where."`
	Intake   intakeCommand   `cmd:"" help:"Berkas isian untuk desa. · Files for villages to fill in."`
	Import   importCommand   `cmd:"" help:"Masukkan daftar dan berkas dari luar. · Take in lists and files from outside."`
	Budget   budgetCommand   `cmd:"" help:"Beda antara dokumen anggaran. · How the documents of a year differ."`
	Workflow workflowCommand `cmd:"" help:"Periksa atau gambarkan definisi proses. · Check or draw a process definition."`
	Log      logCommand      `cmd:"" help:"Segel log: kunci, checkpoint, pemulihan. · The seal of the log: keys, checkpoints, recovery."`
	Export   exportCommand   `cmd:"" help:"Tulis log ke satu berkas bertanda tangan. · Write the log to one signed file."`
	Verify   verifyCommand   `cmd:"" help:"Periksa apakah log diubah. · Check whether the log was altered."`
	Rebuild  rebuildCommand  `cmd:"" help:"Bangun ulang model baca dari log. · Rebuild read models from the log."`
	Bench    benchCommand    `cmd:"" help:"Ukur di samping PostgreSQL polos. · Measure beside plain PostgreSQL."`
	Postgres postgresCommand `cmd:"" help:"PostgreSQL untuk runut dev. · PostgreSQL for runut dev."`

	Subscription subscriptionCommand `cmd:"" help:"Alamat tujuan umpan OPD (webhook). · Where OPD feeds are sent (webhooks)."`
	Reference    referenceCommand    `cmd:"" help:"Register: kode wilayah, nomenklatur, OPD, kamus, hari libur. · Registers: places, nomenclature, OPDs, kamus, holidays."`
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out one command line and returns the exit status: 0 done, 1
// refused or failed, 2 wrong usage; of a check also 2 where it cannot tell.
func run(args []string, out, err io.Writer) (status int) {
	var c cli
	exited := errors.New("exited")
	parser, bad := kong.New(&c,
		kong.Name("runut"),
		kong.Description("Runut menelusuri nasib usulan pembangunan, dan membuktikannya. · Runut traces what becomes of a development proposal, and proves it."),
		kong.Writers(out, err),
		kong.UsageOnError(),
		kong.Exit(func(code int) { status = code; panic(exited) }),
	)
	if bad != nil {
		fmt.Fprintln(err, bad)
		return 2
	}
	defer func() {
		if r := recover(); r != nil && r != any(exited) {
			panic(r)
		}
	}()
	parsed, bad := parser.Parse(args)
	if bad != nil {
		fmt.Fprintln(err, "runut:", bad)
		fmt.Fprintln(err, "runut --help")
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := &session{ctx: ctx, out: out, err: err, lang: text.Lang(c.Lang)}
	if failed := parsed.Run(s, s.world()); failed != nil && !errors.Is(failed, context.Canceled) {
		if exit, ok := errors.AsType[check.Status](failed); ok {
			return int(exit)
		}
		if !errors.Is(failed, errQuiet) {
			complain(s, failed)
		}
		if strings.HasPrefix(parsed.Command(), "verify ") {
			return verify.Unknown
		}
		return 1
	}
	return status
}

// complain says what went wrong to the person at the terminal: a refusal in
// their language, anything else as it is.
func complain(s *session, failed error) {
	if defects, ok := errors.AsType[workflow.Defects](failed); ok {
		for _, d := range defects {
			fmt.Fprintln(s.err, d.In(string(s.lang)))
		}
		return
	}
	r := s.lang.Refuse(failed)
	if r.Code == "internal" {
		fmt.Fprintln(s.err, "runut:", failed)
		return
	}
	fmt.Fprintln(s.err, "runut:", r.Title)
	for _, check := range r.Checks {
		if !check.OK {
			fmt.Fprintf(s.err, "  %s: %s; %s\n", check.Title, check.Want, check.Observed)
		}
	}
	for _, other := range r.All {
		fmt.Fprintln(s.err, " ", other.Title)
	}
}
