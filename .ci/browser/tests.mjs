// Everything a reader may meet, in Chromium: each page in both languages, on a
// phone and on a desk, light and dark; then the journeys, by keyboard and without
// JavaScript.
import { mkdirSync, readFileSync } from 'node:fs'
import { check, equal, finish, journey, launch, sideways, signIn, violations, visit } from './lib.mjs'

const [base, tokensFile, ...flags] = process.argv.slice(2)
const tokens = JSON.parse(readFileSync(tokensFile, 'utf8'))
const shots = flags.includes('--shots')
if (shots) mkdirSync('shots', { recursive: true })

const api = async (path, role) => {
  const r = await fetch(base + path, { headers: role ? { authorization: `Bearer ${tokens[role]}` } : {} })
  if (!r.ok) throw new Error(`${path}: ${r.status} ${await r.text()}`)
  return r.json()
}
const first = async (query, role = 'auditor') => (await api(`/api/v1/proposals?limit=1&${query}`, role)).items[0]?.number

const cycles = (await api('/api/v1/cycles', 'auditor')).items
const complete = cycles.find(c => c.practice).year - 2 // the cycle whose APBD stands; between them is the one in session now
const practice = cycles.find(c => c.practice).year

// The OPD officer's next proposal to answer for, in the practice cycle.
async function waiting() {
  const grant = await api(`/api/v1/proposals?cycle=${practice}&state=at_opd&limit=50`, 'opd_officer')
  for (const p of grant.items) {
    const one = await api(`/api/v1/proposals/${p.number}`, 'opd_officer')
    if (one.actions.some(a => a.name === 'respond' && a.open)) return p.number
  }
  throw new Error('nothing waits for the OPD in the practice cycle')
}

// Where an OPD's feed is sent to: nobody is there, which the page has to say.
async function subscribe() {
  const body = { opd: '1.03.0.00.0.00.01.0000', url: 'http://127.0.0.1:9/runut', after: 0 }
  const answer = await fetch(`${base}/api/v1/subscriptions`, { method: 'POST', body: JSON.stringify(body),
    headers: { Authorization: `Bearer ${tokens.opd_head}`, 'Content-Type': 'application/json', 'Idempotency-Key': 'browser' } })
  const { id } = await answer.json()
  await fetch(`${base}/api/v1/subscriptions/${id}/test`, { method: 'POST', headers: { Authorization: `Bearer ${tokens.opd_head}` } })
  return id
}

// An event of a proposal, for its receipt.
const event = (await api(`/api/v1/proposals/${await first(`cycle=${complete}&state=funded`)}/timeline?limit=1`, 'auditor')).items[0].event

const number = {
  funded: await first(`cycle=${complete}&state=funded`),
  lapsed: await first(`cycle=${complete}&state=lapsed`),
  merged: await first(`cycle=${complete}&state=merged`),
  split: await first(`cycle=${complete}&state=split`),
  waiting: await waiting(),
}

// A kecamatan's musrenbang, whose camat there is a token for, and one of its villages.
const session = (await api(`/api/v1/forums?cycle=${complete}&kind=musrenbang_kecamatan&limit=500`, 'auditor')).items.find(f => f.scope.code === '99.01.01').id
const village = (await api(`/api/v1/letters?cycle=${complete}&kecamatan=99.01.01&limit=1`, 'auditor')).items[0].village

// Somebody who holds a grant.
const endpoint = await subscribe()
const person = (await api('/api/v1/persons?q=camat&limit=1', 'approver')).items[0].person

// A list on its way in, with a row to match and one in quarantine.
const uploaded = await (await fetch(`${base}/api/v1/uploads?${new URLSearchParams({ kind: 'rkpd', year: practice, name: 'rkpd.csv', document: '9/2026', date: '2026-11-19', digest: 'ab'.repeat(32) })}`, {
  method: 'POST', headers: { authorization: `Bearer ${tokens.head_of_planning}`, 'content-type': 'text/csv' },
  body: 'Nomor usulan;Uraian;Pagu\n;Pembangunan drainase;180000000\nU-29-SALAH;Entah;1\n',
})).json()

// Each page: who looks, its address, and how heavy it may be.
const light = 25_000, form = 40_000
const pages = [
  { name: 'beranda', path: '/' },
  { name: 'beranda-latihan', path: `/?tahun=${practice}` },
  { name: 'daftar', path: '/usulan' },
  { name: 'daftar-saring', path: `/usulan?tahun=${complete}&nasib=dropped&q=jalan` },
  { name: 'daftar-kosong', path: '/usulan?q=tidakadayangbegini' },
  { name: 'usulan-didanai', path: `/usulan/${number.funded}` },
  { name: 'usulan-tidak-dibahas', path: `/usulan/${number.lapsed}` },
  { name: 'usulan-digabung', path: `/usulan/${number.merged}` },
  { name: 'usulan-dipecah', path: `/usulan/${number.split}` },
  { name: 'dosir', path: `/dosir/${number.funded}` },
  { name: 'petugas-dosir', path: `/dosir/${number.merged}`, role: 'auditor', limit: form },
  { name: 'forum', path: `/forum?tahun=${complete}`, role: 'planner' },
  { name: 'forum-satu', path: `/forum/${session}`, role: 'camat', limit: form },
  { name: 'berita-acara', path: `/forum/${session}/berita-acara`, role: 'camat', limit: form },
  { name: 'kehadiran', path: `/kehadiran?tahun=${complete}`, role: 'auditor' },
  { name: 'surat', path: `/surat?tahun=${complete}`, role: 'head_of_planning' },
  { name: 'surat-desa', path: `/surat/${village}/${complete}`, role: 'village_head', limit: form },
  { name: 'tanda-terima', path: `/tanda-terima/${event}` },
  { name: 'tanda-terima-lain', path: `/tanda-terima/${event}?daun=00` },
  { name: 'segel', path: '/segel' },
  { name: 'masuk', path: '/masuk', limit: form },
  { name: 'metodologi', path: '/metodologi' },
  { name: 'glosarium', path: '/glosarium' },
  { name: 'pengembang', path: '/pengembang' },
  { name: 'tidak-ada', path: '/tidak-ada', status: 404 },
  { name: 'usulan-tidak-ada', path: '/usulan/U-27-AAAAAAA', status: [404, 422] },
  { name: 'petugas-beranda', path: '/', role: 'planner', limit: form },
  { name: 'petugas-daftar', path: `/usulan?tahun=${practice}`, role: 'planner', limit: form },
  { name: 'petugas-usulan', path: `/usulan/${number.waiting}`, role: 'opd_head', limit: form, open: true },
  { name: 'petugas-silsilah', path: `/usulan/${number.merged}`, role: 'auditor', limit: form, open: true },
  { name: 'petugas-saat-lain', path: `/usulan/${number.lapsed}?pada=${complete - 1}-03-01`, role: 'auditor', limit: form, open: true },
  { name: 'impor', path: '/impor', role: 'importer', limit: form, open: true },
  { name: 'impor-sipd', path: '/impor/baru/sipd', role: 'importer', limit: form },
  { name: 'impor-rkpd', path: '/impor/baru/rkpd', role: 'head_of_planning', limit: form },
  { name: 'impor-uji', path: `/impor/berkas/${uploaded.id}`, role: 'head_of_planning', limit: form, open: true },
  { name: 'orang', path: '/petugas?q=camat', role: 'planner', limit: form },
  { name: 'orang-satu', path: `/petugas/${person}`, role: 'approver', limit: form, open: true },
  { name: 'auditor', path: `/auditor?tahun=${complete}`, role: 'auditor', limit: form },
  { name: 'auditor-banding', path: `/auditor?tahun=${complete}&pada=${complete - 1}-05-01&nasib=lost_after_acceptance&nilai=100.000.000`, role: 'auditor', limit: form },
  { name: 'auditor-kosong', path: `/auditor?tahun=${complete}&nilai=999.999.999.999`, role: 'auditor', limit: form },
  { name: 'temuan', path: `/auditor/temuan/A1?tahun=${complete}`, role: 'auditor', limit: form },
  { name: 'temuan-desa', path: `/auditor/temuan/B8?tahun=${complete}`, role: 'auditor', limit: form },
  { name: 'langganan', path: '/langganan', role: 'opd_head', limit: form },
  { name: 'langganan-satu', path: `/langganan/${endpoint}`, role: 'opd_head', limit: form, open: true },
  { name: 'langganan-bappeda', path: '/langganan', role: 'planner', limit: form },
  { name: 'akses', path: '/akses', role: 'auditor' },
  { name: 'proses', path: `/proses?tahun=${complete}`, role: 'auditor', limit: form },
].filter(p => !p.path.includes('undefined') || !check(false, `the demo holds ${p.name}`))

const browser = await launch()

async function examine(width, colorScheme, role) {
  await visit(browser, { viewport: { width, height: 800 }, colorScheme }, async (page, notes) => {
    if (role) await signIn(page, base, tokens[role])
    for (const p of pages.filter(p => p.role === role)) for (const lang of ['id', 'en']) {
      const what = `${p.name} ${lang} ${width} ${colorScheme}`
      await journey(what, async () => {
        notes.reset()
        const answer = await page.goto(`${base}${p.path}${p.path.includes('?') ? '&' : '?'}lang=${lang}`)
        check([p.status ?? 200].flat().includes(answer.status()), `${what}: status`, answer.status())
        const errors = notes.errors.splice(0).filter(e => !(p.status && e.includes('Failed to load resource')))
        check(errors.length === 0, `${what}: nothing on the console`, errors.join('\n'))
        equal(await page.getAttribute('html', 'lang'), lang, `${what}: language`)
        equal(await sideways(page), 0, `${what}: no scrolling to the side`)
        if (p.open) await page.evaluate(() => document.querySelectorAll('main details').forEach(d => { d.open = true }))
        equal(await sideways(page), 0, `${what}: no scrolling to the side with everything unfolded`)
        const found = await violations(page)
        check(found.length === 0, `${what}: axe finds nothing`, found.join('\n'))
        check(notes.bytes > 0 && notes.bytes <= (p.limit ?? light), `${what}: weighs at most ${p.limit ?? light} bytes`, notes.bytes)
        check(notes.requests.length <= 4, `${what}: at most 4 requests`, notes.requests.join('\n'))
        if (shots) await page.screenshot({ path: `shots/${p.name}-${lang}-${width}-${colorScheme}.png`, fullPage: true })
      })
    }
  })
}

// A phone and a desk side by side, one after the other in light and dark.
for (const colorScheme of ['light', 'dark']) {
  await Promise.all([360, 1280].map(async width => {
    for (const role of new Set(pages.map(p => p.role))) await examine(width, colorScheme, role)
  }))
}

// tabTo walks by keyboard until what has the focus fits.
async function tabTo(page, fits, most = 120) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(`(${fits})(document.activeElement)`)) {
      const box = await page.evaluate(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' && s.outlineWidth !== '0px' })
      check(box, 'what has the focus shows it')
      return
    }
  }
  throw new Error(`not reached by keyboard: ${fits}`)
}

await journey('by keyboard: search, list, proposal, sign in, act', () => visit(browser, { viewport: { width: 1280, height: 800 } }, async page => {
  await page.goto(base + '/')
  await page.keyboard.press('Tab')
  equal(await page.evaluate(() => document.activeElement.className), 'skip', 'the first stop is the link to the content')
  await page.keyboard.press('Enter')
  await tabTo(page, `e => e.id === 'q'`)
  await page.keyboard.type('jalan')
  await Promise.all([page.waitForURL('**/usulan?**'), page.keyboard.press('Enter')])
  await tabTo(page, `e => e.closest('.rows') !== null`)
  await Promise.all([page.waitForURL('**/usulan/U-*'), page.keyboard.press('Enter')])
  check(/^U-\d\d-/.test(await page.textContent('.subject .no')), 'the proposal shows its number')

  await page.goto(`${base}/masuk?ke=/usulan/${number.waiting}`)
  await tabTo(page, `e => e.id === 'token'`)
  await page.keyboard.type(tokens.opd_officer)
  await Promise.all([page.waitForURL(`**/usulan/${number.waiting}`), page.keyboard.press('Enter')])
  check((await page.textContent('.officer')).includes('Tampilan petugas'), 'an officer sees whose view it is')
  await tabTo(page, `e => e.matches('#langkah-respond > summary')`)
  await page.keyboard.press('Enter')
  await tabTo(page, `e => e.name === 'leaning'`)
  await page.keyboard.type('Ragu')
  await page.selectOption('#langkah-respond [name=leaning]', 'ragu') // typing in a closed list differs by system
  await tabTo(page, `e => e.name === 'note'`)
  await page.keyboard.type('Perlu dilihat ke lokasi')
  const forum = page.locator('#langkah-respond [name=forum]')
  if (await forum.evaluate(e => e.tagName) === 'SELECT') await forum.selectOption({ index: 1 })
  await tabTo(page, `e => e.matches('#langkah-respond .send button')`)
  await Promise.all([page.waitForURL('**tercatat=**'), page.keyboard.press('Enter')])
  check(/Tercatat sebagai peristiwa nomor/.test(await page.textContent('[role=status]')), 'the act was recorded')
  check((await page.textContent('.timeline')).includes('Perlu dilihat ke lokasi'), 'the timeline shows what was recorded')
}))

await journey('without JavaScript: find, filter, turn the page, sign in, be refused, act twice with one form, sign out', () =>
  visit(browser, { viewport: { width: 360, height: 740 }, javaScriptEnabled: false }, async (page, notes, context) => {
    await page.goto(base + '/')
    await page.fill('#q', 'jalan')
    await page.click('.search button')
    check(await page.locator('.rows li').count() > 0, 'the search finds something')
    if (!await page.isVisible('#f-nasib')) await page.click('.filters > summary')
    await page.selectOption('#f-nasib', 'dropped')
    await page.click('.filters button')
    check(page.url().includes('nasib=dropped') && page.url().includes('q=jalan'), 'the address says the whole search', page.url())
    const before = await page.locator('.rows .no').first().textContent()
    await page.click('.pager .next')
    check(await page.locator('.rows .no').first().textContent() !== before, 'the next page holds others')
    await page.click('.chips a >> nth=0')
    check(await page.locator('.rows li').count() > 0, 'a filter can be dropped')

    await page.goto(base + '/usulan?q=' + number.funded.toLowerCase())
    check(page.url().endsWith(`/usulan/${number.funded}`), 'a number leads to its proposal', page.url())
    await page.goto(`${base}/u/${number.funded.toLowerCase()}`)
    check(page.url().endsWith(`/usulan/${number.funded}`), 'the short address leads to the long one', page.url())

    await signIn(page, base, 'rnt_salah_salah')
    check((await page.textContent('[role=alert]')).includes('Token tidak dikenal'), 'a wrong token is told so')
    await signIn(page, base, tokens.opd_officer, `/usulan/${number.waiting}`)
    const cookie = (await context.cookies()).find(c => c.value === tokens.opd_officer)
    check(cookie?.httpOnly && cookie.secure && cookie.sameSite === 'Strict', 'the session cookie is closed', JSON.stringify(cookie && { ...cookie, value: '…' }))

    await page.click('#langkah-respond > summary')
    await page.locator('#langkah-respond form').evaluate(f => { f.noValidate = true })
    await page.fill('#langkah-respond [name=note]', 'Sesuai rencana kerja')
    await page.click('#langkah-respond .send button')
    check((await page.textContent('#langkah-respond [role=alert]')).includes('Ditolak'), 'a form that lacks something is refused')
    equal(await page.inputValue('#langkah-respond [name=note]'), 'Sesuai rencana kerja', 'what was typed is still there')
    const found = await page.locator('#langkah-respond').evaluate(d => d.open)
    check(found, 'the refused form stays unfolded')

    await page.selectOption('#langkah-respond [name=leaning]', 'terima')
    const forum = page.locator('#langkah-respond [name=forum]')
    if (await forum.evaluate(e => e.tagName) === 'SELECT') await forum.selectOption({ index: 1 })
    const sent = await page.locator('#langkah-respond form').evaluate(f => [f.action, new URLSearchParams(new FormData(f)).toString()])
    await page.click('#langkah-respond .send button')
    const recorded = new URL(page.url()).searchParams.get('tercatat')
    check(Number(recorded) > 0, 'the act was recorded', page.url())
    const again = await context.request.post(sent[0], { data: sent[1], headers: { 'content-type': 'application/x-www-form-urlencoded' }, maxRedirects: 0 })
    check(again.headers().location?.endsWith(`tercatat=${recorded}`), 'the same form sent again acts once', `${again.status()} ${again.headers().location}`)

    await page.click('.officer button')
    check(!(await context.cookies()).some(c => c.value === tokens.opd_officer), 'signing out forgets the token')
    await page.goto(`${base}/usulan/${number.waiting}`)
    check(!(await page.content()).includes('Sesuai rencana kerja'), 'a visitor does not see what officers wrote')
  }))

await journey('without JavaScript: register somebody, be refused, give a grant and a code, come in by it', () =>
  visit(browser, { viewport: { width: 360, height: 740 }, javaScriptEnabled: false }, async (page, notes, context) => {
    await signIn(page, base, tokens.approver, '/petugas')
    await page.fill('#daftar-name', 'Orang Rekaan')
    await page.fill('#daftar-nik', '123')
    await page.click('form[action="/petugas/daftar"] button')
    check((await page.textContent('[role=alert]')).includes('NIK 16 angka'), 'a short NIK is refused')
    equal(await page.inputValue('#daftar-name'), 'Orang Rekaan', 'what was typed is still there')
    await page.fill('#daftar-nik', '')
    await page.click('form[action="/petugas/daftar"] button')
    const here = new URL(page.url())
    check(/^\/petugas\/p-/.test(here.pathname), 'the person has a page', page.url())
    check(!(await page.content()).includes('Rekaan'), 'which does not show the name')
    await page.click(`details:has(form[action="${here.pathname}/penugasan"]) > summary`)
    await page.selectOption('#beri-role', 'planner')
    await page.fill('#beri-office', 'Bappeda')
    await page.fill('[name="decree.2"] >> nth=0', '800/7/2026')
    await page.fill('[name="decree.3"] >> nth=0', '2026-01-05')
    await page.fill('#beri-second', tokens.head_of_planning)
    await page.click(`form[action="${here.pathname}/penugasan"] .send button`)
    check((await page.textContent('[role=status]')).includes('Tercatat'), 'the grant was recorded', await page.textContent('main'))
    await page.click('details:has(form[action$="/kode"]) > summary')
    await page.fill('form[action$="/kode"] [name=second]', tokens.head_of_planning)
    await page.click('form[action$="/kode"] .send button')
    const code = await page.textContent('[role=status] code')
    await page.click('.officer button')
    await signIn(page, base, code, '/usulan')
    const token = await page.textContent('[role=status] code')
    check(token.startsWith('rnt_'), 'the code became a token')
    await page.click('main .send a')
    check((await page.textContent('.officer')).includes('Perencana Bappeda'), 'the new planner is in')
    check((await context.cookies()).some(c => c.value === token), 'and stays in')
  }))

await journey('without JavaScript: upload a list, be refused, choose what a row means, record it', () =>
  visit(browser, { viewport: { width: 360, height: 740 }, javaScriptEnabled: false }, async page => {
    const [named, meant] = (await api(`/api/v1/proposals?cycle=${practice}&state=agreed&limit=2`, 'planner')).items
    const rows = ['Nomor usulan;Uraian;Pagu', `${named.number};Rabat beton;100000000`, `;${meant.title};${meant.estimate}`, 'U-29-SALAH;Entah;1']
    const list = { name: 'rkpd.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) }
    await signIn(page, base, tokens.head_of_planning, '/impor')
    await page.click('.chips a[href="/impor/baru/rkpd"]')
    await page.selectOption('#berkas-year', String(practice))
    await page.fill('[name="document.2"]', '20/2026')
    await page.fill('[name="document.3"]', '2026-11-19')
    await page.setInputFiles('#berkas-naskah', { name: 'perkada.pdf', mimeType: 'application/pdf', buffer: Buffer.from('bukan PDF') })
    await page.setInputFiles('#berkas-berkas', list)
    await page.click('main form .send button')
    check((await page.textContent('[role=alert]')).includes('harus PDF'), 'a paper that is no PDF is refused')
    equal(await page.inputValue('[name="document.2"]'), '20/2026', 'what was typed is still there')
    await page.setInputFiles('#berkas-naskah', { name: 'perkada.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF\n') })
    await page.setInputFiles('#berkas-berkas', list)
    await page.click('main form .send button')
    check((await page.textContent('[role=status]')).includes('belum ada yang dicatat'), 'it is a trial', await page.textContent('main'))
    check((await page.textContent('main')).includes('Unduh semua baris karantina'), 'a row is in quarantine')
    const choice = page.locator(`.pick input[value="${meant.number}"]`)
    if (check(await choice.count() > 0, 'the proposal that is meant is suggested')) await choice.first().check()
    await page.click('form[action$="/jawab"] button')
    await page.click('form[action$="/catat"] button')
    check((await page.textContent('[role=status]')).includes('sudah dicatat'), 'it was recorded', await page.textContent('main'))
    for (const p of [named, meant]) equal((await api(`/api/v1/proposals/${p.number}`, 'planner')).state, 'in_rkpd', `${p.number} is in the RKPD`)
    await page.click('form[action$="/buang"] button')
    check(page.url().endsWith('/impor'), 'and the upload is thrown away')
  }))

await journey('the language stays', () => visit(browser, { viewport: { width: 360, height: 740 } }, async page => {
  await page.goto(base + '/metodologi')
  await page.click('header a[hreflang=en]')
  equal(await page.textContent('h1'), 'Methodology', 'the switch leads to the same page')
  await page.goto(base + '/usulan')
  equal(await page.getAttribute('html', 'lang'), 'en', 'the next page is in the language chosen')
}))

await journey('on paper', () => visit(browser, { viewport: { width: 800, height: 1100 } }, async page => {
  await page.goto(`${base}/usulan/${number.lapsed}`)
  await page.emulateMedia({ media: 'print' })
  check(!await page.isVisible('header nav'), 'no navigation is printed')
  check(await page.isVisible('.timeline') && await page.isVisible('.permalink'), 'the timeline and the permanent link are printed')
}))

await browser.close()
process.exit(finish() ? 0 : 1)
