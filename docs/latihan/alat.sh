# Singkatan untuk docs/panduan.md; dijalankan dengan ". ./alat.sh" di folder latihan.
RUNUT=http://127.0.0.1:8080/api/v1
PENYETUJU=$(awk '/^approver/ {print $3}' penugasan.txt)
KEPALA=$(awk '/^head_of_planning/ {print $3}' penugasan.txt)
PENGIMPOR=$(cat pengimpor.txt 2>/dev/null)
export RUNUT_TENANT=99.01 RUNUT_TOKEN=$KEPALA

# kirim JALUR TOKEN ISI: satu perintah ke API. Tiap kiriman punya kunci sendiri, sehingga tidak tercatat dua kali.
kunci() { cat /proc/sys/kernel/random/uuid 2>/dev/null || uuidgen; }
kirim() {
  curl -sS -X POST "$RUNUT/$1" -H "Authorization: Bearer $2" -H "Runut-Second-Token: $KEPALA" -H 'If-Match: *' \
    -H 'Content-Type: application/json' -H "Idempotency-Key: $(kunci)" -d "$3"
  echo
}

# buka JADWAL MULAI SELESAI: jadwal satu tahap untuk seluruh kabupaten.
buka() {
  kirim cycles/2027/open-window "$KEPALA" \
    "{\"window\": \"$1\", \"opens_at\": \"$2T08:00:00+08:00\", \"closes_at\": \"$3T16:00:00+08:00\"}"
}

# usulan STATUS: nomor usulan yang berstatus itu, satu sebaris; "accepted&opd=KODE" menyaring menurut OPD.
usulan() {
  curl -sS -H "Authorization: Bearer $KEPALA" "$RUNUT/proposals?cycle=2027&state=$1" | grep -o 'U-27-[0-9A-Z]*' | sort -u
}
