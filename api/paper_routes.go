package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"runut/api/paper"
	"runut/domain"
	"runut/domain/act"
	"runut/domain/delivery"
	"runut/projections"
)

const tagLetters = "Surat"

type minutesInput struct {
	ReadInput
	ID     string `path:"id" maxLength:"80" doc:"Id of the forum, without \"forum-\""`
	Number string `query:"number" maxLength:"100" doc:"Number of a berita acara that was issued: as it was issued. Left out: a draft of what there is"`
	At     int64  `query:"at" minimum:"0" doc:"A draft of what was known at this position of the log"`
}

type lettersInput struct {
	PageInput
	Cycle     int      `query:"cycle" required:"true" minimum:"2000" maximum:"2099" doc:"Fiscal year"`
	Kecamatan []string `query:"kecamatan" maxItems:"50" doc:"Kode wilayah; several separated by commas"`
	Village   []string `query:"village" maxItems:"50" doc:"Kode wilayah"`
	Status    []string `query:"status" maxItems:"3" doc:"missing: never told; stale: something was decided anew since; sent: told everything"`
}

func (in lettersInput) filter() projections.LetterFilter {
	return projections.LetterFilter{Cycle: in.Cycle, Kecamatan: in.Kecamatan, Village: in.Village, Status: in.Status}
}

type letterInput struct {
	ReadInput
	Village string `path:"village" maxLength:"20" doc:"Kode wilayah" example:"99.01.03.2001"`
	Year    int    `path:"year" minimum:"2000" maximum:"2099" doc:"Fiscal year" example:"2027"`
	Number  string `query:"number" maxLength:"100" doc:"Number of a letter that was sent: as it was sent. Left out: a draft of what was not told yet"`
	All     bool   `query:"all" doc:"A draft of every proposal, told or not"`
	At      int64  `query:"at" minimum:"0" doc:"A draft of what was known at this position of the log"`
}

func (in letterInput) ask() projections.LetterAsk {
	return projections.LetterAsk{Village: in.Village, Year: in.Year, Number: in.Number, All: in.All, At: in.At}
}

type attendanceInput struct {
	PageInput
	Cycle int    `query:"cycle" required:"true" minimum:"2000" maximum:"2099" doc:"Fiscal year"`
	Kind  string `query:"kind" maxLength:"40" doc:"Kind of forum; several separated by commas"`
	Under string `query:"under" maxLength:"20" doc:"Kode wilayah that they lie in"`
	Never bool   `query:"never" doc:"Only those that came to no forum that expected them"`
}

// A PaperDigest says which bytes a paper has as a file.
type PaperDigest struct {
	Digest string `json:"digest" doc:"SHA-256 of the paper as a file; what /html answers"`
	Said   string `json:"said,omitempty" doc:"Digest that the log names it by; left out for a draft"`
	Agrees bool   `json:"agrees" doc:"The file is the one that the log names"`
	Kept   bool   `json:"kept" doc:"The file was kept when it was issued or sent, and not made anew"`
}

func digestOf(f PaperFile) PaperDigest { return PaperDigest{f.Digest, f.Said, f.Agrees(), f.Kept} }

// A MinutesView is what a berita acara says, and its digest as a file.
type MinutesView struct {
	PaperDigest
	Paper *projections.MinutesPaper `json:"paper"`
}

// A LetterView is the letters to a village, and what one of them says.
type LetterView struct {
	PaperDigest
	Sent  []projections.Letter     `json:"sent" doc:"Letters that were sent, oldest first"`
	Paper *projections.LetterPaper `json:"paper"`
}

// A paperOutput is a paper as a file. It is handed out as a download, since the
// style it carries inside is none that a page of ours may have.
type paperOutput struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	ETag        string `header:"ETag" doc:"SHA-256 of the file"`
	Digest      string `header:"X-Runut-Digest" doc:"SHA-256 of the file, hex"`
	Body        []byte
}

func paperFile(name string, f PaperFile, err error) (*paperOutput, error) {
	if err != nil {
		return nil, err
	}
	return &paperOutput{Type: paper.Type + "; charset=utf-8", Disposition: `attachment; filename="` + name + `.html"`,
		ETag: `"` + f.Digest + `"`, Digest: f.Digest, Body: f.Body}, nil
}

// getFile registers a read whose answer is a paper.
func getFile[I waiter](s *Server, api huma.API, path, id, tag, summary string, f func(context.Context, *I) (*paperOutput, error)) {
	get(s, api, path, id, tag, summary, f)
	op := api.OpenAPI().Paths["/api/v1"+path].Get
	op.Responses["200"].Content = map[string]*huma.MediaType{paper.Type: {Schema: &huma.Schema{Type: "string"}}}
	op.Responses["200"].Description = http.StatusText(http.StatusOK)
}

func (s *Server) paperRoutes(api huma.API) {
	letters, forums := projections.Letters{DB: s.DB}, projections.Forums{DB: s.DB}
	get(s, api, "/forums/{id}/minutes", "get-minutes", tagForums, "Isi berita acara dan lampirannya · What a berita acara and its annexes say",
		func(ctx context.Context, in *minutesInput) (*one[MinutesView], error) {
			m, f, err := s.MinutesFile(ctx, in.ID, in.Number, in.At)
			if err != nil {
				return nil, err
			}
			return &one[MinutesView]{Position: m.Position, Body: MinutesView{digestOf(f), m}}, nil
		})
	getFile(s, api, "/forums/{id}/minutes/html", "get-minutes-html", tagForums, "Berita acara sebagai berkas HTML · A berita acara as an HTML file",
		func(ctx context.Context, in *minutesInput) (*paperOutput, error) {
			_, f, err := s.MinutesFile(ctx, in.ID, in.Number, in.At)
			return paperFile("berita-acara", f, err)
		})
	get(s, api, "/letters", "list-letters", tagLetters, "Surat ke desa dan statusnya · Letters to villages and how they stand",
		func(ctx context.Context, in *lettersInput) (*many[projections.VillageLetters], error) {
			for _, status := range in.Status {
				if err := oneOf("/status", status, projections.LetterStatuses); err != nil {
					return nil, err
				}
			}
			return page(letters.List(ctx, in.filter(), projections.Cursor(in.Cursor), in.Limit))
		})
	get(s, api, "/letters/{village}/{year}", "get-letter", tagLetters, "Isi surat untuk satu desa · What a letter to a village says",
		func(ctx context.Context, in *letterInput) (*one[LetterView], error) {
			l, f, err := s.LetterFile(ctx, in.ask())
			if err != nil {
				return nil, err
			}
			sent, err := letters.Of(ctx, in.Village, in.Year)
			return &one[LetterView]{Position: l.Position, Body: LetterView{digestOf(f), append([]projections.Letter{}, sent.Value...), l}}, err
		})
	getFile(s, api, "/letters/{village}/{year}/html", "get-letter-html", tagLetters, "Surat sebagai berkas HTML · A letter as an HTML file",
		func(ctx context.Context, in *letterInput) (*paperOutput, error) {
			_, f, err := s.LetterFile(ctx, in.ask())
			return paperFile("surat-"+itoa(in.Year), f, err)
		})
	get(s, api, "/attendance", "list-attendance", tagForums, "Kehadiran terhadap register · Attendance against the register",
		func(ctx context.Context, in *attendanceInput) (*many[projections.Attendance], error) {
			f := projections.AttendanceFilter{Cycle: in.Cycle, Kind: split(in.Kind), Under: in.Under, Never: in.Never}
			return page(forums.Attendance(ctx, f, projections.Cursor(in.Cursor), in.Limit))
		})
}

// oneOf refuses a word that is not on a list.
func oneOf(field, word string, list []string) error {
	if slices.Contains(list, word) {
		return nil
	}
	return domain.Refuse(domain.Invalid, "delivery.word_unknown", "field", field[1:], "value", clip(word), "known", domain.Words(list)).At(field)
}

type letterBody struct {
	Year    int      `json:"year" doc:"Fiscal year"`
	Village string   `json:"village" doc:"Kode wilayah" example:"99.01.03.2001"`
	Number  string   `json:"number" doc:"Number of the letter" example:"050/114/BAPPEDA/2026"`
	Date    string   `json:"date" doc:"Local day, as printed on it" example:"2026-07-20"`
	Channel string   `json:"channel" doc:"surat, surel, aplikasi or langsung" example:"surat"`
	Covers  []string `json:"covers" doc:"Left out: Runut makes the letter, of all that the village was not told yet. Given: somebody else wrote it, and it told of these"`
	Digest  string   `json:"digest" doc:"Of a letter that somebody else wrote: its document, where it was uploaded"`
}

// letterCommands records letters.
func (s *Server) letterCommands(api huma.API) {
	post[plainInput](s, api, command[letterBody]{
		Path: "/letters", ID: "send-letter", Summary: "Catat surat ke desa · Record a letter to a village", Tag: tagLetters,
		Doc: "The letter is made from the log as it then stands, kept by its digest, and can be fetched as it was sent.",
		Make: func(_ target, b *letterBody) (act.Act, int, error) {
			if err := stated(b.Year); err != nil {
				return nil, 0, err
			}
			if b.Digest != "" && len(b.Covers) == 0 {
				return nil, 0, domain.Refuse(domain.Invalid, "letter.missing", "field", "covers").At("/covers")
			}
			return act.OnDelivery{Stream: delivery.LetterStream(b.Village, itoa(b.Year)), Ask: &delivery.AnswerSent{Village: b.Village, Covers: b.Covers, Channel: b.Channel,
				Letter: domain.Document{Kind: "surat", Number: b.Number, Date: b.Date, Digest: b.Digest}}}, b.Year, nil
		},
	})
}
