package sekisho.controls

import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: The person is heard
# description: >-
#   Where the guideline says so for the verdict, what the person wants is written down, or why it was not asked.
# custom:
#   control: wish-heard
granted contains "wish-heard" if _the_wish_is_known

# METADATA
# description: Neither.
# custom:
#   control: wish-heard
deny contains {"control": "wish-heard", "on": "ticket.wish", "params": {}} if {
	input.action != "risk.assess"
	not _the_wish_is_known
}

# METADATA
# description: The same for a step with somebody on the work list.
# custom:
#   control: wish-heard
deny contains {"control": "wish-heard", "on": "assessment.wish", "params": {}} if {
	input.action == "risk.assess"
	not _the_wish_is_known
}

_the_wish_is_known if input.assessment.step in {"begin", "consult", "meet", "reopen"}

_the_wish_is_known if tickets.terms.verdicts[input.assessment.verdict].wish == false

_the_wish_is_known if shapes.is_whole(input.assessment.wish, 1)

_the_wish_is_known if shapes.is_whole(input.assessment.wish_missing, 1)

_the_wish_is_known if input.ticket.state in {"requested", "granted"}

_the_wish_is_known if tickets.terms.verdicts[input.ticket.verdict].wish == false

_the_wish_is_known if shapes.is_whole(input.ticket.wish, 1)

_the_wish_is_known if shapes.is_whole(input.ticket.wish_missing, 1)
