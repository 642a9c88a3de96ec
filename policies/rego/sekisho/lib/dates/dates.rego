# METADATA
# title: Dates
# description: >-
#   Dates are texts of one fixed format and time is an input. No clock and no built-in of time is used, so that every
#   engine computes alike; numbers are read from digits behind a leading 1, since "07" is no number everywhere.
package sekisho.lib.dates

import future.keywords.not

_year(value) := to_number(concat("", ["1", substring(value, 0, 4)])) - 10000

_month(value) := to_number(concat("", ["1", substring(value, 5, 2)])) - 100

_day(value) := to_number(concat("", ["1", substring(value, 8, 2)])) - 100

_every_year := concat("", [
	`^(19|20)[0-9][0-9]-`,
	`((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])`,
	`|(0[469]|11)-(0[1-9]|[12][0-9]|30)`,
	`|02-(0[1-9]|1[0-9]|2[0-8]))$`,
])

_leap_day := `^(19|20)([02468][048]|[13579][26])-02-29$`

# METADATA
# title: A date
# description: A day of the calendar from 1900 to 2099, written YYYY-MM-DD.
is_date(value) if {
	is_string(value)
	regex.match(_every_year, value)
}

is_date(value) if {
	is_string(value)
	regex.match(_leap_day, value)
	value != "1900-02-29"
}

# METADATA
# title: A point in time
# description: A date, a time of day to the second and the offset from UTC, as 2023-10-01T09:00:00+09:00 or with Z.
is_time(value) if {
	is_string(value)
	regex.match(`^[0-9-]{10}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$`, value)
	is_date(substring(value, 0, 10))
}

# METADATA
# title: Today
# description: The date of the request's time, at the place where its offset holds.
today := substring(input.time, 0, 10) if is_time(input.time)

# METADATA
# title: Has begun
# description: The date is today or earlier.
has_begun(value) if {
	is_date(value)
	value <= today
}

# METADATA
# title: Is not over
# description: The date is today or later.
is_not_over(value) if {
	is_date(value)
	value >= today
}

# METADATA
# title: Is to come
# description: The date is later than today.
is_to_come(value) if {
	is_date(value)
	value > today
}

# METADATA
# title: Is over
# description: The date is earlier than today.
is_over(value) if {
	is_date(value)
	value < today
}

# METADATA
# title: Day number
# description: >-
#   Days since a fixed day of the Gregorian calendar; the difference of two is the number of days between them.
day_number(value) := ((((365 * years) + floor(years / 4)) - floor(years / 100)) + floor(years / 400)) + in_year if {
	is_date(value)
	months := (_month(value) + 9) % 12
	years := _year(value) - floor(months / 10)
	in_year := floor(((153 * months) + 2) / 5) + _day(value)
}

# METADATA
# title: The next day
# description: The day after a date.
next_day(value) := day if {
	is_date(value)
	day := concat("-", [substring(value, 0, 7), _two_digits(_day(value) + 1)])
	is_date(day)
}

next_day(value) := day if {
	is_date(value)
	_is_last_of_month(value)
	day := concat("-", [substring(value, 0, 4), _two_digits(_month(value) + 1), "01"])
	is_date(day)
}

next_day(value) := concat("-", [format_int(_year(value) + 1, 10), "01-01"]) if {
	is_date(value)
	substring(value, 5, 5) == "12-31"
}

_is_last_of_month(value) if {
	next := concat("-", [substring(value, 0, 7), _two_digits(_day(value) + 1)])
	not is_date(next)
}

_two_digits(number) := substring(format_int(100 + number, 10), 1, 2)

# METADATA
# title: Years before a date
# description: >-
#   The same day of an earlier year; 28 February for the leap day of a year that has none. Undefined before 1900.
years_before(value, years) := day if {
	is_date(value)
	day := concat("", [format_int(_year(value) - years, 10), substring(value, 4, 6)])
	is_date(day)
}

years_before(value, years) := day if {
	is_date(value)
	substring(value, 5, 5) == "02-29"
	leap_day := concat("", [format_int(_year(value) - years, 10), "-02-29"])
	not is_date(leap_day)
	day := concat("", [format_int(_year(value) - years, 10), "-02-28"])
	is_date(day)
}

# METADATA
# title: The year from 1 April
# description: The year that began on the last 1 April on or before the date.
april_year(value) := _year(value) if {
	is_date(value)
	_month(value) >= 4
}

april_year(value) := _year(value) - 1 if {
	is_date(value)
	_month(value) < 4
}
