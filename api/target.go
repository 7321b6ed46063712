package api

import (
	"runut/domain"
)

// commandInputs are the shapes of a command's path. huma reads parameters off
// struct fields, so each shape is a type.
type commandInputs interface {
	plainInput | proposalInput | cycleInput | idInput
	split() (CommandInput, target, error)
}

type plainInput struct{ CommandInput }

type proposalInput struct {
	CommandInput
	Number string `path:"number" doc:"Number of the proposal" example:"U-27-4K7M2XR"`
}

type cycleInput struct {
	CommandInput
	Year int `path:"year" minimum:"2000" maximum:"2099" doc:"Fiscal year" example:"2027"`
}

type idInput struct {
	CommandInput
	ID string `path:"id" maxLength:"80" doc:"Id of the forum, grant or person"`
}

func (in plainInput) split() (CommandInput, target, error) { return in.CommandInput, target{}, nil }

func (in proposalInput) split() (CommandInput, target, error) {
	n, err := domain.ParseNumber(in.Number)
	return in.CommandInput, target{Number: n, Year: yearOf(n)}, err
}

func (in cycleInput) split() (CommandInput, target, error) {
	return in.CommandInput, target{Year: in.Year}, nil
}

func (in idInput) split() (CommandInput, target, error) {
	for _, r := range in.ID {
		if !(r == '-' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
			return in.CommandInput, target{}, domain.Refuse(domain.Invalid, "request.id", "id", clip(in.ID)).At("/id")
		}
	}
	return in.CommandInput, target{ID: in.ID}, nil
}

// yearOf reads the fiscal year off a number: U-27-… is 2027.
func yearOf(number string) int {
	if len(number) < 4 {
		return 0
	}
	return 2000 + int(number[2]-'0')*10 + int(number[3]-'0')
}
