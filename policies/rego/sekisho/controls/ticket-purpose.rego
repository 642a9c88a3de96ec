package sekisho.controls

import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: For a purpose that may identify
# description: >-
#   The purpose is among those for which the guideline lets a person be identified, and is one for which the criteria
#   have found this person.
# custom:
#   control: ticket-purpose
granted contains "ticket-purpose" if _may_identify_for_the_purpose

# METADATA
# description: Another purpose, or none.
# custom:
#   control: ticket-purpose
deny contains {"control": "ticket-purpose", "on": "purpose", "params": {}} if {
	not _may_identify_for_the_purpose
}

_may_identify_for_the_purpose if {
	shapes.is_name(input.purpose)
	input.purpose in tickets.terms.purposes
	input.purpose in input.ticket.types
}
