# METADATA
# title: Terms
# description: >-
#   From when to when a purpose is in force: the term of the register, and those for which it was renewed. A term ends
#   with the fiscal year; the next one is prepared before it begins.
package sekisho.lib.terms

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: In force
# description: Today lies in the term of the register, or in one for which the purpose was renewed.
is_in_force if _is_in_the_register

is_in_force if _is_renewed

# METADATA
# title: The present term
# description: When the term began and who reviewed the purpose before it; that of the register where no renewal counts.
present := {"from": guideline.purpose.valid_from, "review": guideline.purpose.reviewed} if not _is_renewed

present := {"from": input.renewal.from, "review": {"on": input.renewal.reviewed_on, "by": input.renewal.reviewed_by}} if {
	_is_renewed
}

# METADATA
# title: Reviewed before a term
# description: A named person reviewed the purpose within the year before the day on which the term begins.
is_reviewed(review, begins) if {
	shapes.is_name(review.by)
	dates.is_date(review.on)
	dates.is_date(begins)
	waited := dates.day_number(begins) - dates.day_number(review.on)
	waited >= 0
	waited <= 366
}

# METADATA
# title: Of one fiscal year
# description: The second date is not before the first, and lies in the same year from 1 April.
is_of_one_year(begins, ends) if {
	dates.is_date(begins)
	dates.is_date(ends)
	begins <= ends
	dates.april_year(begins) == dates.april_year(ends)
}

# METADATA
# title: Prepared in season
# description: >-
#   The date is the coming 1 April, and today is not before the day from which the guideline lets the next fiscal year
#   be prepared.
is_prepared(begins) if {
	dates.is_date(begins)
	begins == concat("", [format_int(dates.april_year(dates.today) + 1, 10), "-04-01"])
	opens := concat("-", [substring(begins, 0, 4), guideline.parameters.renewals_from])
	dates.has_begun(opens)
}

# METADATA
# title: A well-formed renewal
# description: Every field of the renewal is there and of its form.
is_well_formed if {
	shapes.is_name(input.renewal.purpose)
	is_of_one_year(input.renewal.from, input.renewal.to)
	shapes.is_name_or_null(input.renewal.reviewed_by)
	shapes.is_name_or_null(input.renewal.renewed_by)
	_is_date_or_null(input.renewal.reviewed_on)
}

_is_date_or_null(value) if is_null(value)

_is_date_or_null(value) if dates.is_date(value)

_is_in_the_register if {
	dates.has_begun(guideline.purpose.valid_from)
	is_null(guideline.purpose.valid_to)
}

_is_in_the_register if {
	dates.has_begun(guideline.purpose.valid_from)
	dates.is_not_over(guideline.purpose.valid_to)
	is_of_one_year(guideline.purpose.valid_from, guideline.purpose.valid_to)
}

# A renewal counts where the register has run out, and where one person reviewed and another decided.
_is_renewed if {
	dates.is_over(guideline.purpose.valid_to)
	is_well_formed
	input.renewal.purpose == input.purpose
	shapes.is_name(input.renewal.reviewed_by)
	shapes.is_name(input.renewal.renewed_by)
	input.renewal.reviewed_by != input.renewal.renewed_by
	dates.has_begun(input.renewal.from)
	dates.is_not_over(input.renewal.to)
}
