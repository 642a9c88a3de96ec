# METADATA
# title: Occasional use
# description: >-
#   A use beyond the registered purposes, decided case by case: what was written about it, from when to when it counts,
#   and on which days the same was used before, as the broker states them from the approval and the ledger.
package sekisho.lib.occasional

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The terms
# description: What the guideline lays down for occasional use. Undefined where it knows none.
terms := guideline.parameters.occasional_use

# METADATA
# title: Another basis
# description: >-
#   The basis is not one of occasional use, and what is asked of such a use does not concern it. Whether a basis will do
#   that the guideline does not know, legal-basis says.
is_other_basis if not _is_occasional

_is_occasional if "occasional" in object.keys(guideline.basis)

# METADATA
# title: A well-formed occasional use
# description: Every field is there and of its form.
is_well_formed if {
	every part in ["reason", "harm"] { shapes.is_whole(input.occasional[part], 0) }
	dates.is_date(input.occasional.starts_on)
	dates.is_date(input.occasional.expires_at)
	is_array(input.occasional.uses)
	every use in input.occasional.uses { _is_use(use) }
}

# METADATA
# title: Written
# description: A part is written in at least as many characters as the guideline asks for.
is_written(part) if {
	least := terms.least_characters[part]
	shapes.is_whole(least, 1)
	shapes.is_whole(input.occasional[part], least)
}

# METADATA
# title: Earlier uses
# description: >-
#   The approvals and days on which a dataset was used for the stated purpose within the time that counts, but for this
#   approval today.
earlier_uses(dataset) := {[use.approval, use.on] |
	some use in input.occasional.uses
	use.purpose == input.purpose
	dataset in use.datasets
	not _is_long_ago(use)
	not _is_the_present(use)
}

_is_use(use) if {
	shapes.is_name(use.approval)
	shapes.is_name(use.purpose)
	dates.is_date(use.on)
	shapes.is_names(use.datasets)
}

_is_long_ago(use) if dates.day_number(dates.today) - dates.day_number(use.on) > terms.repeats.within_days

_is_the_present(use) if {
	use.on == dates.today
	use.approval == input.approval.id
}
