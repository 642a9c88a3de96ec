package sekisho.lib.dates_test

import data.sekisho.lib.dates

test_a_date_is_a_day_of_the_calendar if {
	every value in ["1900-01-01", "2023-02-28", "2024-02-29", "2000-02-29", "2023-04-30", "2023-12-31", "2099-12-31"] {
		dates.is_date(value)
	}
}

test_what_is_no_date if {
	values := [
		"2023-02-29", "1900-02-29", "2100-01-01", "1899-12-31", "2023-04-31", "2023-00-10", "2023-13-01", "2023-01-00",
		"2023-1-01", "2023-01-01 ", " 2023-01-01", "2023-01-01\n", "20230101", "2023/01/01",
		"２０２３-01-01", "", null, true, 20230101,
		["2023-01-01"], {},
	]
	{value | some value in values; dates.is_date(value)} == set()
}

test_a_time_has_an_offset if {
	every value in ["2023-10-01T09:00:00+09:00", "2023-10-01T00:00:00Z", "2023-10-01T23:59:59-05:30"] {
		dates.is_time(value)
	}
}

test_what_is_no_time if {
	values := [
		"2023-10-01T09:00:00", "2023-10-01 09:00:00Z", "2023-10-01T24:00:00Z", "2023-10-01T09:60:00Z",
		"2023-10-01T09:00:60Z",
		"2023-10-01T09:00:00.0Z", "2023-02-29T09:00:00Z", "2023-10-01T09:00:00+15:00", "2023-10-01T09:00:00Z\n",
		"2023-10-01", null, 0,
	]
	{value | some value in values; dates.is_time(value)} == set()
}

test_today_is_the_date_where_the_offset_holds if {
	dates.today == "2023-10-02" with input.time as "2023-10-02T00:30:00+09:00"
}

test_today_is_unknown_without_a_time if {
	not dates.today with input as {}
}

test_a_date_may_be_today_and_no_later if {
	dates.has_begun("2023-10-01") with input.time as "2023-10-01T00:00:00+09:00"
	not dates.has_begun("2023-10-02") with input.time as "2023-10-01T23:59:59+09:00"
	not dates.has_begun("2023-10-01") with input.time as null
}

test_a_date_may_be_today_and_no_earlier if {
	dates.is_not_over("2023-10-01") with input.time as "2023-10-01T23:59:59+09:00"
	not dates.is_not_over("2023-09-30") with input.time as "2023-10-01T00:00:00+09:00"
	not dates.is_not_over("2023-10-01") with input.time as null
}

# The numbers are those of the proleptic Gregorian ordinal of the Python standard library, moved by a constant.
test_day_numbers_count_days if {
	ordinals := {
		"1900-01-01": 693596, "1900-03-01": 693655, "1999-12-31": 730119, "2000-02-29": 730179, "2000-03-01": 730180,
		"2023-10-01": 738794, "2024-02-29": 738945, "2024-12-31": 739251, "2099-12-31": 766644,
	}
	every value, ordinal in ordinals { dates.day_number(value) == ordinal + 306 }
}

test_day_numbers_of_what_is_no_date_are_undefined if {
	not dates.day_number("2023-02-29")
	not dates.day_number(null)
}

test_the_next_day_is_the_calendars if {
	days := {
		"2023-10-01": "2023-10-02", "2023-10-31": "2023-11-01", "2023-11-30": "2023-12-01", "2023-12-31": "2024-01-01",
		"2023-02-28": "2023-03-01", "2024-02-28": "2024-02-29", "2024-02-29": "2024-03-01",
	}
	every value, day in days { dates.next_day(value) == day }
	not dates.next_day("2023-02-29")
}

test_years_before_a_date_are_days_of_the_calendar if {
	dates.years_before("2023-10-02", 65) == "1958-10-02"
	dates.years_before("2024-02-29", 4) == "2020-02-29"
	dates.years_before("2024-02-29", 65) == "1959-02-28"
	dates.years_before("2023-10-02", 0) == "2023-10-02"
	not dates.years_before("2023-10-02", 124)
	not dates.years_before("2024-02-29", 125)
	not dates.years_before(null, 1)
}

test_a_year_begins_on_1_april if {
	years := {"2023-03-31": 2022, "2023-04-01": 2023, "2023-12-31": 2023, "2024-01-01": 2023, "2024-03-31": 2023}
	every value, year in years { dates.april_year(value) == year }
	not dates.april_year("2023-02-29")
}
