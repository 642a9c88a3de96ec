package sekisho.controls

import data.sekisho.lib.facts
import data.sekisho.lib.freshness
import future.keywords.not

# METADATA
# title: The sources are not stale
# description: >-
#   The extract of every dataset that is scanned is dated, not in the future, and no older than its class of
#   freshness allows, counted in the calendar of that class; or the purpose lets what rests on it be unknown.
# custom:
#   control: sources-fresh
granted contains "sources-fresh" if {
	facts.readable
	(facts.scans - freshness.fresh_scans) - freshness.unknown_scans == set()
}

# METADATA
# description: A dataset whose extract is too old, or whose date is not known.
# custom:
#   control: sources-fresh
deny contains {"control": "sources-fresh", "on": scan.id, "params": params} if {
	some scan in ((facts.scans - freshness.fresh_scans) - freshness.unknown_scans)
	class := _class(scan.dataset)
	params := {
		"dataset": scan.dataset,
		"as_of": _date_of(scan.dataset),
		"max_days": freshness.limit_or_zero(class),
		"calendar": freshness.calendar_or_blank(class),
	}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: sources-fresh
unspecified["sources-fresh"] := {"dataset": "", "as_of": "", "max_days": 0, "calendar": ""}

_class(dataset) := object.get(data.catalogue.datasets, [dataset, "refresh"], "")

_date_of(dataset) := freshness.date_or_blank(object.get(input, ["datasets", dataset, "as_of"], ""))
