// What the browser tests share: a browser, a count of what passed, and a page
// that notes everything it complains of.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

let passed = 0
const failures = []

export function check(ok, what, detail = '') {
  if (ok) { passed++; return true }
  failures.push(what)
  console.log(`FAIL ${what}${detail ? `\n     ${String(detail).replaceAll('\n', '\n     ')}` : ''}`)
  return false
}

export const equal = (got, want, what) => check(got === want, what, `got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`)

// A journey that breaks is one failure, and the next one begins all the same.
export async function journey(name, walk) {
  try { await walk() } catch (e) { check(false, name, e.stack) }
}

export function finish() {
  console.log(`${passed} passed, ${failures.length} failed`)
  return failures.length === 0
}

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-gpu'],
})

// visit opens a page in a context of its own and notes what it complains of:
// errors on the console (violations of the content policy are among them),
// scripts that threw, requests that failed, bytes on the wire.
export async function visit(browser, options, use) {
  const context = await browser.newContext({ locale: 'id-ID', ...options })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  const notes = { errors: [], bytes: 0, requests: [], reset() { this.bytes = 0; this.requests = [] } }
  page.on('console', m => { if (['error', 'warning'].includes(m.type())) notes.errors.push(m.text()) })
  page.on('pageerror', e => notes.errors.push(String(e)))
  page.on('requestfailed', r => r.failure()?.errorText === 'net::ERR_ABORTED' || notes.errors.push( // aborted: the reader went on
    `${r.url()} ${r.failure()?.errorText}`))
  const wire = await context.newCDPSession(page)
  await wire.send('Network.enable')
  await wire.send('Network.setCacheDisabled', { cacheDisabled: true })
  wire.on('Network.loadingFinished', e => { notes.bytes += e.encodedDataLength })
  wire.on('Network.requestWillBeSent', e => { if (!e.request.url.startsWith('data:')) notes.requests.push(e.request.url) })
  try { return await use(page, notes, context) } finally { await context.close() }
}

// violations returns what axe-core finds wrong with the page as it stands.
export async function violations(page) {
  await page.evaluate(axeSource)
  const found = await page.evaluate(values => axe.run(document, { runOnly: { type: 'tag', values }, resultTypes: ['violations'] }), tags)
  return found.violations.map(v => `${v.id}: ${v.help}\n  ${v.nodes.slice(0, 3).map(n => `${n.target} ${n.failureSummary.split('\n').slice(1, 3).join(' ')}`).join('\n  ')}`)
}

// sideways returns how many pixels the page can be scrolled to the side.
export const sideways = page => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

export async function signIn(page, base, token, back = '/') {
  await page.goto(`${base}/masuk?ke=${encodeURIComponent(back)}`)
  await page.fill('#token', token)
  await page.click('main form button')
  await page.waitForLoadState('load')
}
