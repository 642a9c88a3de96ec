package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.dates
import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The sources are not stale
# description: >-
#   The extract of every dataset that is scanned is dated, not in the future, and no older than its class of
#   freshness allows.
# custom:
#   control: sources-fresh
granted contains "sources-fresh" if {
	facts.readable
	facts.scans - _fresh_scans == set()
}

# METADATA
# description: A dataset whose extract is too old, or whose date is not known.
# custom:
#   control: sources-fresh
deny contains {"control": "sources-fresh", "on": scan.id, "params": params} if {
	some scan in (facts.scans - _fresh_scans)
	params := {"dataset": scan.dataset, "as_of": _date_of(scan.dataset), "max_days": _limit_or_zero(scan.dataset)}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: sources-fresh
unspecified["sources-fresh"] := {"dataset": "", "as_of": "", "max_days": 0}

_fresh_scans contains scan if {
	some scan in facts.scans
	as_of := input.datasets[scan.dataset].as_of
	dates.has_begun(as_of)
	dates.day_number(dates.today) - dates.day_number(as_of) <= _limit(scan.dataset)
}

_limit(dataset) := days if {
	days := guideline.parameters.freshness_max_days[catalogue.dataset(dataset).refresh]
	shapes.is_whole(days, 0)
}

_has_limit(dataset) if is_number(_limit(dataset))

_limit_or_zero(dataset) := _limit(dataset)

_limit_or_zero(dataset) := 0 if not _has_limit(dataset)

_has_date(dataset) if dates.is_date(input.datasets[dataset].as_of)

_date_of(dataset) := input.datasets[dataset].as_of if _has_date(dataset)

_date_of(dataset) := "" if not _has_date(dataset)
