package subscription

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"code.dny.dev/ssrf"

	"runut/domain"
)

// A Dialer says where an installation sends to. Its zero value sends to public
// addresses by https on port 443 and nowhere else.
type Dialer struct {
	// Inside are the addresses of the installation's own network that may be sent
	// to as well, on any port and by http too: an OPD's server behind the same
	// wall. Whoever may add an endpoint can make this program knock there.
	Inside []netip.Prefix
}

// patience is how long an attempt may take as a whole.
const patience = 15 * time.Second

// longestURL is how long an address may be.
const longestURL = 500

// Check refuses an address that is not sent to, as far as that can be told
// without asking for it (subscription.url_…, at /url).
func (d Dialer) Check(address string) error {
	wrong := func(code string) error {
		return domain.Refuse(domain.Invalid, code, "url", clip(address)).At("/url")
	}
	u, err := url.Parse(address)
	switch {
	case len(address) > longestURL || err != nil || u.Hostname() == "" || u.Opaque != "":
		return wrong("subscription.url_form")
	case u.User != nil:
		return wrong("subscription.url_password")
	case u.Fragment != "":
		return wrong("subscription.url_fragment")
	case u.Scheme != "https" && (u.Scheme != "http" || len(d.Inside) == 0):
		return wrong("subscription.url_scheme")
	case u.Scheme == "https" && u.Port() != "" && u.Port() != "443" && len(d.Inside) == 0:
		return wrong("subscription.url_port")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		if d.guard(u.Scheme).SafeAddrPort(netip.AddrPortFrom(ip.Unmap(), portOf(u))) != nil {
			return wrong("subscription.url_address")
		}
	}
	return nil
}

// guard judges addresses when they are dialled. By http only the inside is
// reached: outside nobody must read along.
func (d Dialer) guard(scheme string) *guard {
	g := &guard{outside: ssrf.New(ssrf.WithPorts(443)), inside: d.Inside}
	if scheme == "http" {
		g.outside = nil
	}
	return g
}

// client returns what sends to addresses of a scheme.
func (d Dialer) client(scheme string) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: d.guard(scheme).Safe}
	return &http.Client{
		Timeout: patience,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: patience,
			DisableCompression: true, MaxResponseHeaderBytes: 16 << 10, MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func portOf(u *url.URL) uint16 {
	switch p, err := net.LookupPort("tcp", u.Port()); {
	case err == nil && p > 0:
		return uint16(p)
	case u.Scheme == "http":
		return 80
	}
	return 443
}

// errForbidden is what dialling an address ends with that is not sent to.
var errForbidden = errors.New("subscription: this address is not sent to")

func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
