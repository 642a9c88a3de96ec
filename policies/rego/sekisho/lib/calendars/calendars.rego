# METADATA
# title: Calendars
# description: >-
#   Days are counted in the calendars of the guideline: the days on which a calendar is open stand in the data, month by
#   month. Of a day outside of what a calendar covers, and of a month that is missing, nothing is counted.
package sekisho.lib.calendars

import data.sekisho.lib.dates
import future.keywords.not

# METADATA
# title: Open days after a day
# description: >-
#   The number of days after the first one, up to and including the second, on which the calendar is open. Undefined
#   where the second comes before the first, and where the calendar does not cover both.
open_days(name, after, until) := count(listed) if {
	calendar := data.guideline.calendars[name]
	_covers(calendar, after, until)
	months := [month |
		some month, _ in calendar.open
		month >= substring(after, 0, 7)
		month <= substring(until, 0, 7)
	]

	# A month that is missing would make the number smaller than it is.
	count(months) == (_month_number(until) - _month_number(after)) + 1
	listed := {day |
		some month in months
		some day in calendar.open[month]
		day > after
		day <= until
	}
}

# METADATA
# title: Days after a day
# description: The number of days of the year after the first one, up to and including the second.
days(after, until) := number if {
	number := dates.day_number(until) - dates.day_number(after)
	number >= 0
}

_covers(calendar, after, until) if {
	dates.is_date(calendar.from)
	dates.is_date(calendar.to)
	dates.is_date(after)
	dates.is_date(until)
	calendar.from <= after
	after <= until
	until <= calendar.to
}

# "07" is no number everywhere, so that digits are read behind a leading 1.
_month_number(day) := (12 * to_number(concat("", ["1", substring(day, 0, 4)]))) + to_number(concat("", [
	"1",
	substring(day, 5, 2),
]))
