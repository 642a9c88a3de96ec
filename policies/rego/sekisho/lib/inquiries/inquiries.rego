# METADATA
# title: Inquiries
# description: >-
#   A sheet that asks another body about one identified person, as the broker states it: whose case it is, what it would
#   show and ask, whom it goes to and who reads. What it is worth, the controls say.
package sekisho.lib.inquiries

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The terms
# description: What the guideline lays down for inquiries. Undefined where it knows none.
terms := guideline.parameters.inquiries

# METADATA
# title: A well-formed inquiry
# description: Every field is there and of its form, for the actions that are about a sheet, and nothing for others.
is_well_formed if {
	is_null(input.inquiry)
	shapes.is_name(input.action)
	input.action in ({input.action} - _actions)
}

is_well_formed if {
	input.action in _actions
	input.inquiry.state in {"new", "sent", "answered"}
	is_boolean(input.inquiry.open)
	is_boolean(input.inquiry.protected)
	every name in ["holder", "addressee", "reader"] { shapes.is_name_or_null(input.inquiry[name]) }
	shapes.is_names_or_empty(input.inquiry.questions)
	is_object(input.inquiry.items)
	every columns in input.inquiry.items { shapes.is_names_or_empty(columns) }
	_is_a_day_or_null(input.inquiry.due)
}

# METADATA
# title: Time for the answer
# description: The last day for it is today or later.
is_in_time if dates.is_not_over(input.inquiry.due)

# METADATA
# title: The time for the answer is over
# description: The last day for it is past.
is_late if {
	dates.is_date(input.inquiry.due)
	input.inquiry.due < dates.today
}

# METADATA
# title: One's own case
# description: The account that asks has the case view.
is_own_case if {
	shapes.is_name(input.principal.id)
	input.inquiry.holder == input.principal.id
}

# METADATA
# title: The body that is asked
# description: The account belongs to the body that the sheet is addressed to, and has not written the sheet itself; nobody under
#   protection is named to it.
is_addressee if {
	shapes.is_name(input.inquiry.addressee)
	input.inquiry.reader == input.inquiry.addressee
	input.inquiry.protected == false
	shapes.is_name(input.principal.id)
	shapes.is_name(input.inquiry.holder)
	input.inquiry.holder != input.principal.id
}

_actions := {"inquiry.send", "inquiry.read", "inquiry.answer"}

_is_a_day_or_null(value) if is_null(value)

_is_a_day_or_null(value) if dates.is_date(value)
