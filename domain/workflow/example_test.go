package workflow_test

import (
	"fmt"

	"runut/domain/workflow"
)

// Everything that is wrong is reported at once, the most basic first, each with
// its place and in words a planner understands.
func ExampleLoad() {
	text := `
workflow: perizinan
version: 1
status: draft
subject: proposal
title: {id: Perizinan, en: Permits}
initial: none
stages:
  desk: {order: 1, title: {id: Meja, en: Desk}}
lanes: {}
roles:
  clerk: {scope: village, title: {id: Juru tulis, en: Clerk}}
windows: {}
states:
  none: {stage: desk, title: {id: Belum, en: Not yet}}
  asked: {stage: desk, title: {id: Diajukan, en: Asked}}
  granted: {final: done, goal: funded, outcome: funded, title: {id: Dikabulkan, en: Granted}}
transitions:
  ask: {title: {id: Ajukan, en: Ask}, from: [none], to: asked, event: submitted, by: [clerk]}
  grant: {title: {id: Kabulkan, en: Grant}, from: [asked], to: granted, event: completed, by: [clark], decides: true}
on_window_close: {}
`
	v := workflow.Vocabulary{Events: map[string][]string{"submitted": {"lane"}, "completed": nil}}
	_, err := workflow.Load("perizinan.yaml", []byte(text), v)
	for _, x := range err.(workflow.Defects) {
		fmt.Println(x.In(workflow.Indonesian))
	}
	// Output:
	// perizinan.yaml:16: periksa 9: usulan yang menunggu di “Diajukan” (asked) menggantung: tidak ada penutupan yang mengakhirinya (masa jalan keluarnya: –)
	// perizinan.yaml:20: periksa 11: peran clark pada “Kabulkan” (grant) tidak ada
}
