package subscription

import (
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// A guard judges an address after its name was looked up and before anything is
// sent there, so that a name that leads elsewhere the second time helps nobody.
type guard struct {
	outside *ssrf.Guardian // nil: nobody outside
	inside  []netip.Prefix
}

// Safe is a net.Dialer's Control.
func (g *guard) Safe(network, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return errForbidden
	}
	return g.SafeAddrPort(at)
}

// SafeAddrPort returns errForbidden for an address that is not sent to.
func (g *guard) SafeAddrPort(at netip.AddrPort) error {
	ip := at.Addr().Unmap()
	if slices.ContainsFunc(g.inside, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return nil
	}
	if g.outside == nil || g.outside.SafeAddrPort(netip.AddrPortFrom(ip, at.Port())) != nil {
		return errForbidden
	}
	return nil
}
