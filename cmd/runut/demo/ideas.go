package demo

import (
	"fmt"

	"runut/domain"
	"runut/domain/proposal"
)

// idea makes up what a village may ask for.
func (w *world) idea(v village, priority int) (proposal.Idea, work) {
	total := 0
	for _, x := range works {
		total += offices[x.opd].weight
	}
	n := w.random.IntN(total)
	work := works[0]
	for _, x := range works {
		if n -= offices[x.opd].weight; n < 0 {
			work = x
			break
		}
	}
	return w.ideaOf(v, work, priority), work
}

// urgency is what villages add to say how bad it is.
func (w *world) urgency() string {
	switch w.random.IntN(7) {
	case 0:
		return fmt.Sprintf(", dirasakan %d keluarga", w.between(6, 140))
	case 1:
		return fmt.Sprintf(". Sudah %d kali dibahas dalam musyawarah dusun", w.between(2, 5))
	case 2:
		return ". Warga sudah bergotong royong, tetapi tidak cukup"
	case 3:
		return ". Paling berat pada bulan " + pick(w, []string{"November", "Desember", "Januari", "Februari", "Agustus"})
	case 4:
		return fmt.Sprintf(", terutama di RT %02d dan RT %02d", w.between(1, 6), w.between(7, 12))
	case 5:
		return ". Anak sekolah dan orang lanjut usia paling terdampak"
	}
	return ""
}

// manners are how villages want a work to be done.
var manners = []string{"", "", ", dikerjakan padat karya", ", termasuk pekerjaan persiapan", ", lahan sudah tersedia", ", sesuai gambar dari dinas tahun lalu", ", dengan swadaya warga"}

func (w *world) ideaOf(v village, work work, priority int) proposal.Idea {
	volume := w.between(work.from, work.to)
	if volume > 50 {
		volume = volume / 10 * 10
	}
	place := fmt.Sprintf("RT %02d Dusun %s", w.between(1, 12), pick(w, []string{"Mekar", "Tengah", "Barat", "Timur", "Baru", "Lama", "Hilir"}))
	i := proposal.Idea{
		Village: v.code, Title: domain.Mask(work.name + " " + place + " " + v.title()), Problem: domain.Mask(pick(w, work.problems) + w.urgency()),
		Description: domain.Mask(fmt.Sprintf("%s sebanyak %d %s di %s%s", work.name, volume, work.unit, place, pick(w, manners))), Location: domain.Mask(place + ", " + v.title()),
		Volume: domain.Volume{Amount: fmt.Sprint(volume), Unit: work.unit}, Estimate: domain.Rupiah(volume * work.price * 1000),
		BasicService: work.basic, OPD: offices[work.opd].code, Kamus: work.code, Priority: priority,
	}
	if w.chance(4) { // what the kamus does not know is asked for all the same
		i.Kamus = ""
	}
	if work.basic == "kesehatan" {
		i.Issues = []string{"stunting"}
	}
	if w.chance(30) {
		i.Point = &domain.Point{Lat: fmt.Sprintf("-0.%06d", w.between(100000, 900000)), Lon: fmt.Sprintf("117.%06d", w.between(100000, 900000))}
	}
	return i
}
