# METADATA
# title: Freshness
# description: >-
#   How old an extract may be: so many days after its own, counted as the guideline says for its class. What is not
#   dated, has no limit, or lies outside of the calendar is not fresh.
package sekisho.lib.freshness

import data.sekisho.lib.calendars
import data.sekisho.lib.catalogue
import data.sekisho.lib.dates
import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Fresh scans
# description: The scans whose dataset is fresh.
# scope: document
fresh_scans contains scan if {
	some scan in facts.scans
	is_fresh(catalogue.dataset(scan.dataset).refresh, input.datasets[scan.dataset].as_of)
}

# METADATA
# title: Scans that become unknown
# description: >-
#   Scans of data that are known to be too old, where the purpose lets the answer do without: of rows, none of which
#   rests on the scan. Nothing is asked of them, and what rests on them is unknown.
# scope: document
unknown_scans contains scan if {
	some scan in (facts.scans - fresh_scans)
	guideline.purpose.when_stale == "unknown"
	input.query.output.kind == "row_level"
	scan.role in {"attribute", "bridge", "household"}
	scan.decides_rows == false
	_is_stale(catalogue.dataset(scan.dataset).refresh, input.datasets[scan.dataset].as_of)
}

_is_stale(class, as_of) if {
	dates.has_begun(as_of)
	_age(class, as_of) > limit(class)
}

# METADATA
# title: A fresh extract
# description: The day is today or earlier, and not longer ago than the class allows.
is_fresh(class, as_of) if {
	dates.has_begun(as_of)
	_age(class, as_of) <= limit(class)
}

# METADATA
# title: The limit of a class
# description: The most days after its own on which an extract is fresh. Undefined where the guideline gives none.
limit(class) := days if {
	days := guideline.parameters.freshness_max_days[class]
	shapes.is_whole(days, 0)
}

# METADATA
# title: The limit, for a reason
# description: Zero where there is none.
limit_or_zero(class) := limit(class)

limit_or_zero(class) := 0 if not _has_limit(class)

# METADATA
# title: The calendar of a class
# description: The name of the calendar in which its days are counted; blank for days of the year.
calendar_or_blank(class) := _calendar(class)

calendar_or_blank(class) := "" if not _has_calendar(class)

# METADATA
# title: A date, for a reason
# description: Blank where it is none.
date_or_blank(value) := value if dates.is_date(value)

date_or_blank(value) := "" if not dates.is_date(value)

_age(class, as_of) := calendars.open_days(_calendar(class), as_of, dates.today)

_age(class, as_of) := calendars.days(as_of, dates.today) if not _has_calendar(class)

_calendar(class) := name if {
	name := guideline.parameters.freshness_counted_in[class]
	shapes.is_name(name)
}

_has_calendar(class) if is_string(_calendar(class))

_has_limit(class) if is_number(limit(class))
