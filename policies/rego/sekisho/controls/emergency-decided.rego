package sekisho.controls

import data.sekisho.lib.dates
import future.keywords.not

# METADATA
# title: No emergency while another waits too long
# description: >-
#   Whoever asks in an emergency has none behind them whose decision is overdue.
# custom:
#   control: emergency-decided
granted contains "emergency-decided" if _has_none_overdue

# METADATA
# description: A decision on an earlier emergency is overdue.
# custom:
#   control: emergency-decided
deny contains {"control": "emergency-decided", "on": "ticket.due", "params": {}} if {
	not _has_none_overdue
}

_has_none_overdue if input.ticket.emergency == false

_has_none_overdue if {
	is_array(input.ticket.due)
	every day in input.ticket.due { dates.is_not_over(day) }
}
