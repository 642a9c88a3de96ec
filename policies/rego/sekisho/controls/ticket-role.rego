package sekisho.controls

import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: Certain roles never identify anybody
# description: >-
#   The account has none of the roles, and belongs to none of the organs, that the guideline keeps away from
#   re-identification, whatever hat is worn and whatever the action matrix says.
# custom:
#   control: ticket-role
granted contains "ticket-role" if _may_identify

# METADATA
# description: A role or an organ that is kept away.
# custom:
#   control: ticket-role
deny contains {"control": "ticket-role", "on": "principal.roles", "params": {}} if {
	not _may_identify
}

_may_identify if {
	shapes.is_names(tickets.terms.never_roles)
	shapes.is_names(input.principal.roles)
	{role | some role in input.principal.roles} & {role | some role in tickets.terms.never_roles} == set()
	shapes.is_names(tickets.terms.never_organs)
	shapes.is_name(input.principal.organ)
	{input.principal.organ} & {organ | some organ in tickets.terms.never_organs} == set()
}
