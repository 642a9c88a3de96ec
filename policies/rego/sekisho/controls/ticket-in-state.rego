package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: A step that the ticket allows
# description: >-
#   Decided before it is carried out, but for an emergency; carried out once; looked at and extended while the view
#   counts; ended by whoever asked.
# custom:
#   control: ticket-in-state
granted contains "ticket-in-state" if _is_in_state

# METADATA
# description: The ticket is not in a state for this step, or its time is over.
# custom:
#   control: ticket-in-state
deny contains {"control": "ticket-in-state", "on": "ticket.state", "params": {}} if {
	not _is_in_state
}

_is_in_state if {
	input.action == "reidentify.request"
	input.ticket.state == "new"
	is_null(input.ticket.requester)
	is_null(input.ticket.decided_by)
}

_is_in_state if {
	input.action in {"reidentify.grant", "reidentify.reject"}
	input.ticket.state == "requested"
	is_null(input.ticket.decided_by)
}

_is_in_state if {
	input.action in {"reidentify.grant", "reidentify.reject"}
	tickets.is_undecided_emergency
	input.ticket.state in {"open", "ended"}
}

_is_in_state if {
	input.action == "reidentify.run"
	input.ticket.state == "granted"
	dates.is_not_over(input.ticket.until)
	_is_decided_by_another
}

_is_in_state if {
	input.action == "reidentify.run"
	tickets.is_undecided_emergency
	input.ticket.state == "requested"
}

_is_in_state if {
	input.action == "reidentify.show"
	_is_open
}

_is_in_state if {
	input.action == "reidentify.extend"
	_is_open
	shapes.is_whole(input.ticket.extensions, 0)
	input.ticket.extensions < tickets.terms.extensions
}

_is_in_state if {
	input.action == "reidentify.close"
	input.ticket.state in {"requested", "granted", "open"}
}

_is_open if {
	input.ticket.state == "open"
	dates.is_not_over(input.ticket.until)
	_is_settled
}

_is_settled if _is_decided_by_another

_is_settled if tickets.is_undecided_emergency

_is_decided_by_another if {
	shapes.is_name(input.ticket.decided_by)
	input.ticket.decided_by != input.ticket.requester
}
