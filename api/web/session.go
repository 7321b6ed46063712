package web

import (
	"net/http"
	"strings"

	"runut/api/account"
	"runut/domain"
)

// SignIn is the page where a token is handed in.
type SignIn struct {
	Shell
	Back    string // where to go afterwards
	Problem string
	Known   bool   // somebody is signed in already
	Token   string // that a code was just exchanged for
}

func (v *visit) signInForm() error {
	return v.show(http.StatusOK, "signin", v.signInPage(""))
}

func (v *visit) signInPage(problem string) *SignIn {
	page := &SignIn{Shell: v.shell("signin", v.t("signin.title"), nil), Back: local(v.r.FormValue("ke")), Problem: problem, Known: v.official()}
	page.Here = "/masuk"
	return page
}

// signIn keeps a good token in a cookie. The cookie lives as long as the
// browser runs; the token's own expiry bounds it.
func (v *visit) signIn() error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, 4096)
	token := strings.TrimSpace(v.r.PostFormValue("token"))
	if account.IsCode(token) {
		return v.enter(token)
	}
	err := v.SignIn(v.ctx(), token)
	if token == "" {
		err = domain.Refuse(domain.Invalid, "signin.token_missing")
	}
	if err != nil {
		return v.notIn(err)
	}
	v.setSession(token, 0)
	http.Redirect(v.w, v.r, local(v.r.PostFormValue("ke")), http.StatusSeeOther)
	return nil
}

// enter exchanges a code for a token, which is shown on this one answer: whoever
// comes back next week signs in by it.
func (v *visit) enter(code string) error {
	token, err := v.Accept(v.ctx(), code)
	if err != nil {
		return v.notIn(err)
	}
	v.setSession(token, 0)
	page := v.signInPage("")
	page.Token = token
	return v.show(http.StatusOK, "signin", page)
}

// notIn shows the form again, with why.
func (v *visit) notIn(err error) error {
	p := v.word(err)
	if p.Status == http.StatusUnauthorized {
		p.Status = http.StatusUnprocessableEntity // there is no header that would help
	}
	return v.show(p.Status, "signin", v.signInPage(p.Title))
}

func (v *visit) signOut() error {
	v.setSession("", -1)
	http.Redirect(v.w, v.r, "/masuk", http.StatusSeeOther)
	return nil
}

func (v *visit) setSession(token string, age int) {
	v.w.Header().Set("Cache-Control", "no-store")
	http.SetCookie(v.w, &http.Cookie{Name: v.Session, Value: token, Path: "/", MaxAge: age, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

// local returns an address on this very site, the front page for any other.
func local(address string) string {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.ContainsAny(address, "\\\r\n\t") || len(address) > 500 {
		return "/"
	}
	return address
}
