package sekisho.controls

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Whoever asked for it
# description: >-
#   A ticket is carried out, looked at and ended by the person who asked for it, and by nobody else.
# custom:
#   control: own-ticket
granted contains "own-ticket" if _asked_for_it

# METADATA
# description: Another person, or one of the two is not known.
# custom:
#   control: own-ticket
deny contains {"control": "own-ticket", "on": "principal.id", "params": {}} if {
	not _asked_for_it
}

_asked_for_it if {
	shapes.is_name(input.principal.id)
	shapes.is_name(input.ticket.requester)
	input.principal.id == input.ticket.requester
}
