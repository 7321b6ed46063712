package web

import (
	"strings"

	"runut/domain"
)

// mergeForm asks which other proposals to merge this one with.
func (v *visit) mergeForm(s *subject, a action) (*form, error) {
	forum, _, err := v.forumField(Field{Name: "forum", Label: v.t("act.forum"), Required: true}, s, a.Stage)
	if err != nil {
		return nil, err
	}
	return &form{path: a.Href, anyVersion: true,
		fields: []Field{
			{Name: "children", Label: v.t("act.merge.others"), Hint: v.t("act.merge.others_hint"), Kind: kindNumbers, Required: true},
			{Name: "title", Label: v.t("act.merge.title"), Hint: v.t("act.merge.title_hint"), Kind: kindLine},
			{Name: "reason", Label: v.t("act.merge.reason"), Kind: kindArea, Required: true},
			forum,
		},
		build: func(body map[string]any, s *subject) (string, error) {
			others, _ := body["children"].([]string)
			body["children"], body["year"] = append([]string{s.Number}, others...), s.Cycle
			if title := body["title"]; title != nil {
				body["idea"] = map[string]any{"title": title}
			}
			delete(body, "title")
			return a.Href, nil
		},
	}, nil
}

// listForm asks for the order of a final list: what decides on one proposal
// decides on all of its list.
func (v *visit) listForm(s *subject, a action) (*form, error) {
	forum, _, err := v.forumField(Field{Name: "forum", Label: v.t("act.forum"), Required: true}, s, a.Stage)
	if err != nil {
		return nil, err
	}
	return &form{path: a.Href, anyVersion: true,
		fields: []Field{
			forum,
			{Name: "list", Label: v.t("act.list.name"), Hint: v.t("act.list.name_hint"), Kind: kindLine, Required: true},
			{Name: "order", Label: v.t("act.list.order"), Hint: v.t("act.list.order_hint"), Kind: kindArea, Required: true, Value: s.Number},
		},
		more: []Field{{Name: "in", Label: v.t("act.list.in"), Hint: v.t("act.list.in_hint"), Kind: kindNumber}},
		build: func(body map[string]any, s *subject) (string, error) {
			order, _ := body["order"].(string)
			var entries []map[string]any
			for line := range strings.Lines(order) {
				words := strings.Fields(line)
				if len(words) == 0 {
					continue
				}
				number, err := domain.ParseNumber(words[0])
				if err != nil {
					return "", err
				}
				entry := map[string]any{"proposal": number, "amount": int64(s.Estimate)}
				if len(words) > 1 {
					amount, err := Field{Name: "order", Label: v.t("act.list.order"), Kind: kindMoney, Value: strings.Join(words[1:], "")}.value()
					if err != nil {
						return "", err
					}
					entry["amount"] = amount
				} else if number != s.Number {
					delete(entry, "amount")
				}
				entries = append(entries, entry)
			}
			stream, _ := body["forum"].(string)
			body["entries"], body["stage"] = entries, a.Stage
			delete(body, "order")
			delete(body, "forum")
			return strings.Replace(a.Href, "{id}", strings.TrimPrefix(stream, "forum-"), 1), nil
		},
	}, nil
}

// splitForm asks for two parts, and a third where it is wanted.
func (v *visit) splitForm(s *subject, a action) (*form, error) {
	forum, _, err := v.forumField(Field{Name: "forum", Label: v.t("act.forum")}, s, a.Stage)
	if err != nil {
		return nil, err
	}
	f := &form{path: a.Href}
	names := []string{"part1", "part2", "part3"}
	for i, name := range names {
		part := []Field{
			{Name: name, Label: v.t("act.split.title", "n", v.count(i+1)), Kind: kindLine, Required: i < 2},
			{Name: name + "_weight", Label: v.t("act.split.weight", "n", v.count(i+1)), Kind: kindMoney, Required: i < 2},
		}
		if i < 2 {
			f.fields = append(f.fields, part...)
		} else {
			f.more = append(f.more, part...)
		}
	}
	f.fields = append(f.fields, Field{Name: "reason", Label: v.t("act.split.reason"), Kind: kindArea}, forum)
	f.build = func(body map[string]any, _ *subject) (string, error) {
		var parts []map[string]any
		for _, name := range names {
			if body[name] != nil {
				parts = append(parts, map[string]any{"title": body[name], "estimate": body[name+"_weight"], "weight": body[name+"_weight"]})
			}
			delete(body, name)
			delete(body, name+"_weight")
		}
		body["parts"] = parts
		return a.Href, nil
	}
	return f, nil
}
