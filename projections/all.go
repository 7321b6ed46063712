package projections

// All is every read model the program keeps.
var All = []Projection{
	register,
	cycles,
	forums,
	proposalsModel,
	timeline,
	lineage,
	inbox,
	feed,
	funnel,
	imports,
	letters,
	people,
	access,
	public,
}
