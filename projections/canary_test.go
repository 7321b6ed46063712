package projections_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"runut/domain"
	"runut/domain/catalog"
	"runut/domain/cycle"
	"runut/domain/event"
	"runut/domain/proposal"
	"runut/domain/workflow"
	"runut/projections"
)

// What must never come out. The bare name is one that no pattern recognises.
const (
	canaryNIK   = "9901014101850001"
	canaryPhone = "0812-3456-7890"
	canaryEmail = "warga.kenari@surel.example"
	canaryName  = "Sutrisno Kenari"
	canaryBare  = "Wagiyem Kenari"
)

var canaries = []string{canaryNIK, canaryPhone, canaryEmail, canaryName, "kenari@", "Kenari"}

// plant fills every text and every secret that v holds, however deep, and gives
// slices one element, so that nothing is left out.
func plant(v reflect.Value, depth int) {
	switch v.Interface().(type) {
	case domain.Text:
		v.Set(reflect.ValueOf(domain.Text{Masked: fmt.Sprintf("NIK %s telp %s surel %s Bapak %s dan %s", canaryNIK, canaryPhone, canaryEmail, canaryName, canaryBare)}))
		return
	case domain.Secret:
		v.Set(reflect.ValueOf(domain.Secret{Plain: canaryName + " " + canaryNIK + " " + canaryPhone + " " + canaryEmail}))
		return
	case uuid.UUID:
		return
	}
	if depth > 6 {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				plant(v.Field(i), depth+1)
			}
		}
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct && hasText(v.Type().Elem(), 0) {
			v.Set(reflect.New(v.Type().Elem()))
			plant(v.Elem(), depth+1)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Struct && hasText(v.Type().Elem(), 0) {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			plant(v.Index(0), depth+1)
		}
	}
}

func hasText(t reflect.Type, depth int) bool {
	switch t {
	case reflect.TypeFor[domain.Text](), reflect.TypeFor[domain.Secret]():
		return true
	}
	if depth > 6 {
		return false
	}
	switch t.Kind() {
	case reflect.Struct:
		for field := range t.Fields() {
			if hasText(field.Type, depth+1) {
				return true
			}
		}
	case reflect.Pointer, reflect.Slice:
		return hasText(t.Elem(), depth+1)
	}
	return false
}

func TestNoPersonalDataIsEverPublic(t *testing.T) {
	d, run := newDesk(t)
	planted := map[reflect.Type]bool{}
	number := d.newCard(2027).number
	first := &proposal.Submitted{}
	plant(reflect.ValueOf(first).Elem(), 0)
	first.Step, first.Village, first.Lane, first.Volume = step("at_opd", "forum_opd"), "99.01.01.2001", proposal.Musrenbang, domain.Volume{Amount: "1", Unit: "m"}
	facts := []fact{{stream: proposal.Stream(number), event: first}}
	beside := map[string][]fact{}
	for kind := range catalog.Events.All() {
		e := kind.New()
		plant(reflect.ValueOf(e).Elem(), 0)
		planted[kind.Go()] = hasText(kind.Go(), 0)
		switch e := e.(type) {
		case *proposal.Corrected: // amends with the one payload it may hold
			e.Target, e.Action = event.IDOf(uuid.UUID{}, 1), event.Amend
			e.With = proposal.Amend(first)
			facts = append(facts, fact{stream: proposal.Stream(number), event: e})
			continue
		case *proposal.TextRedacted:
			continue
		case proposal.Event:
			if base := e.Base(); base.State == "" {
				base.State, base.Stage = workflow.State("at_opd"), "forum_opd"
			}
			facts = append(facts, fact{stream: proposal.Stream(number), event: e})
			continue
		case *cycle.Corrected:
			e.Action = event.Void
		case *cycle.PublicationPolicySet, *cycle.Opened, *cycle.DefinitionMigrated, *cycle.PublicationReleased, *cycle.WindowExtended:
			continue
		}
		noun, _, _ := strings.Cut(kind.Name, ".")
		stream := noun + "-kenari-test"
		if noun == "cycle" {
			stream = cycle.Stream(2027)
		}
		beside[stream] = append(beside[stream], fact{stream: stream, event: e})
	}
	d.cards[number].state = "at_opd"
	d.do(planner, facts...)
	for _, facts := range beside {
		d.do(planner, facts...)
	}
	texts := 0
	for _, has := range planted {
		if has {
			texts++
		}
	}
	if texts < 25 {
		t.Fatalf("only %d types of events hold a text or a secret: the test plants nothing", texts)
	}
	d.publish(everywhere, "")

	for _, policy := range []struct {
		name   string
		fields []string
	}{{"all but the title", open}, {"all there is", cycle.Publishable}} { // in this order: the title is asked for below
		name := policy.name
		d.policy(policy.fields...)
		d.catchUp(run)
		dump := d.publicDump()
		if !strings.Contains(dump, number) || !strings.Contains(dump, "proposal.rejected") {
			t.Fatalf("%s: nothing was published", name)
		}
		for _, canary := range canaries {
			if canary == "Kenari" && name == "all there is" {
				continue // a bare name in a title: hence the default policy has no title
			}
			if i := strings.Index(dump, canary); i >= 0 {
				t.Errorf("%s: %q is public: …%s…", name, canary, dump[max(0, i-200):min(len(dump), i+50)])
			}
		}
		for _, person := range []string{planner.Person, "second_approver", "Digest"} {
			if strings.Contains(dump, person) {
				t.Errorf("%s: %q is public", name, person)
			}
		}
	}
	page, err := projections.Public{DB: d.pool}.Get(t.Context(), number)
	if err != nil || !strings.Contains(page.Value.Title, "[NIK disamarkan]") {
		t.Errorf("title %q, %v; want it masked", page.Value.Title, err)
	}
}
