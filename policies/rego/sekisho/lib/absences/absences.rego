# METADATA
# title: Absences
# description: >-
#   Records that somebody who decides is away, who may make them, and whether everybody who decides on the route of a
#   request is away today.
package sekisho.lib.absences

import data.sekisho.lib.approvals
import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: A well-formed record
# description: It names a person with roles, and the first and the last day of the absence.
is_well_formed(absence) if {
	shapes.is_name(absence.id)
	shapes.is_names(absence.roles)
	dates.is_date(absence.first)
	dates.is_date(absence.last)
	absence.first <= absence.last
}

# METADATA
# title: Well-formed deciders
# description: >-
#   Everybody with a role that decides is named once, with the record of an absence or none, and the days until which
#   earlier decisions of this deputy have to be looked at are days.
are_well_formed(deputy) if {
	is_array(deputy.deciders)
	count({decider.id | some decider in deputy.deciders}) == count(deputy.deciders)
	count([decider | some decider in deputy.deciders; _is_decider(decider)]) == count(deputy.deciders)
	is_array(deputy.due)
	count([day | some day in deputy.due; dates.is_date(day)]) == count(deputy.due)
}

_is_decider(decider) if {
	shapes.is_name(decider.id)
	shapes.is_names(decider.roles)
	_is_date_or_null(decider.valid_until)
	is_null(decider.absence)
}

_is_decider(decider) if {
	shapes.is_name(decider.id)
	shapes.is_names(decider.roles)
	_is_date_or_null(decider.valid_until)
	dates.is_date(decider.absence.first)
	dates.is_date(decider.absence.last)
	shapes.is_name(decider.absence.recorded_by)
}

_is_date_or_null(value) if is_null(value)

_is_date_or_null(value) if dates.is_date(value)

# METADATA
# title: Decided by a deputy
# description: The signature is that of a deputy, and this role may look at it afterwards.
looks_at(role, signature) if {
	signature.step == "deputise"
	some entry in data.guideline.routes.template.decide
	shapes.is_names(entry.deputies)
	signature.role in entry.deputies
	role in entry.roles
}

# METADATA
# title: A person who has a deputy
# description: One of the person's roles decides on a route that names deputies.
has_a_deputy(roles) if {
	some entry in data.guideline.routes.template.decide
	shapes.is_names(entry.deputies)
	some role in roles
	role in entry.roles
}

# METADATA
# title: Who records an absence
# description: The person, or a role that the routes name.
may_record(absence) if {
	shapes.is_name(input.principal.id)
	input.principal.id == absence.id
}

may_record(absence) if {
	shapes.is_name(absence.id)
	shapes.is_names(data.guideline.routes.template.absence.recorded_by)
	guideline.hat in data.guideline.routes.template.absence.recorded_by
}

# METADATA
# title: Not too long
# description: The absence begins today or later, and lasts no longer than the guideline says.
is_of_fit_length(absence) if {
	absence.first >= dates.today
	most := guideline.parameters.deputy.absence_max_days
	shapes.is_whole(most, 1)
	dates.day_number(absence.last) - dates.day_number(absence.first) < most
}

# METADATA
# title: Everybody who decides is away
# description: >-
#   Of the people whose role decides on the route there is one at least, and for each an absence of today is on record,
#   made by somebody who neither asks for the decision nor takes it now.
deciders_are_away if {
	count(_deciders) > 0
	every decider in _deciders { _is_away(decider) }
}

_deciders := {decider |
	are_well_formed(input.deputy)
	some decider in input.deputy.deciders
	_is_in_force(decider)
	some role in decider.roles
	role in approvals.deciders
}

# Whose account has ended decides nothing, present or not.
_is_in_force(decider) if is_null(decider.valid_until)

_is_in_force(decider) if dates.is_not_over(decider.valid_until)

_is_away(decider) if {
	decider.absence.first <= dates.today
	decider.absence.last >= dates.today
	decider.absence.recorded_by != input.principal.id
	decider.absence.recorded_by != input.approval.requester
}
