package sekisho.lib.calendars_test

import data.sekisho.lib.calendars

# The office of three months of 2023 and 2024: closed at weekends, on 3 and 23 November, and around New Year.
_office := {
	"from": "2023-11-01",
	"to": "2024-01-31",
	"open": {
		"2023-11": [
			"2023-11-01", "2023-11-02", "2023-11-06", "2023-11-07", "2023-11-08", "2023-11-09", "2023-11-10",
			"2023-11-13", "2023-11-14", "2023-11-15", "2023-11-16", "2023-11-17", "2023-11-20", "2023-11-21",
			"2023-11-22", "2023-11-24", "2023-11-27", "2023-11-28", "2023-11-29", "2023-11-30",
		],
		"2023-12": [
			"2023-12-01", "2023-12-04", "2023-12-05", "2023-12-06", "2023-12-07", "2023-12-08", "2023-12-11",
			"2023-12-12", "2023-12-13", "2023-12-14", "2023-12-15", "2023-12-18", "2023-12-19", "2023-12-20",
			"2023-12-21", "2023-12-22", "2023-12-25", "2023-12-26", "2023-12-27", "2023-12-28",
		],
		"2024-01": [
			"2024-01-04", "2024-01-05", "2024-01-09", "2024-01-10", "2024-01-11", "2024-01-12", "2024-01-15",
			"2024-01-16", "2024-01-17", "2024-01-18", "2024-01-19", "2024-01-22", "2024-01-23", "2024-01-24",
			"2024-01-25", "2024-01-26", "2024-01-29", "2024-01-30", "2024-01-31",
		],
	},
}

test_open_days_are_counted_from_the_day_after[note] if {
	some note, case in {
		"none on the day itself": ["2023-11-01", "2023-11-01", 0],
		"the next day": ["2023-11-01", "2023-11-02", 1],
		"over a holiday and a weekend": ["2023-11-02", "2023-11-06", 1],
		"none over a weekend": ["2023-11-10", "2023-11-12", 0],
		"from a day that is closed": ["2023-11-05", "2023-11-06", 1],
		"none over the end of the year": ["2023-12-28", "2024-01-03", 0],
		"the first day of the year": ["2023-12-28", "2024-01-04", 1],
		"over a whole month": ["2023-11-30", "2024-01-04", 21],
	}
	calendars.open_days("office", case[0], case[1]) == case[2] with data.guideline.calendars.office as _office
}

test_what_is_not_covered_is_not_counted if {
	spans := [
		["2023-10-31", "2023-11-02"],
		["2024-01-30", "2024-02-01"],
		["2023-11-02", "2023-11-01"],
		["2023-11-31", "2023-12-01"],
		["2023-11-01", null],
	]
	every span in spans {
		not calendars.open_days("office", span[0], span[1]) with data.guideline.calendars.office as _office
	}
	not calendars.open_days("other", "2023-11-01", "2023-11-02") with data.guideline.calendars.office as _office
}

test_a_month_that_is_missing_makes_the_count_unknown if {
	without := json.patch(_office, [{"op": "remove", "path": "/open/2023-12"}])
	not calendars.open_days("office", "2023-11-30", "2024-01-04") with data.guideline.calendars.office as without
	calendars.open_days("office", "2023-11-01", "2023-11-06") == 2 with data.guideline.calendars.office as without
}

test_a_calendar_without_its_ends_covers_nothing if {
	every path in ["/from", "/to"] {
		without := json.patch(_office, [{"op": "remove", "path": path}])
		not calendars.open_days("office", "2023-11-01", "2023-11-02") with data.guideline.calendars.office as without
	}
}

test_days_of_the_year_are_all_counted if {
	calendars.days("2023-12-28", "2024-01-04") == 7
	calendars.days("2024-02-28", "2024-03-01") == 2
	calendars.days("2023-11-01", "2023-11-01") == 0
	not calendars.days("2023-11-02", "2023-11-01")
	not calendars.days("2023-11-31", "2023-12-01")
}
