package sekisho.controls

import data.sekisho.lib.inquiries
import future.keywords.not

# METADATA
# title: One sheet at a time, and an answer in time
# description: >-
#   A sheet is sent from a case view that counts, and another one once it is answered or its day is past. The body that
#   is asked reads and answers it once, until its day; whoever sent it reads the answer as long as the view counts.
# custom:
#   control: inquiry-in-turn
granted contains "inquiry-in-turn" if _is_the_turn_of_the_sheet

# METADATA
# description: No view, a sheet that waits, no sheet, one that is answered, or whose day is past.
# custom:
#   control: inquiry-in-turn
deny contains {"control": "inquiry-in-turn", "on": "inquiry.state", "params": {}} if {
	not _is_the_turn_of_the_sheet
}

_is_the_turn_of_the_sheet if {
	input.action == "inquiry.send"
	input.inquiry.open == true
	_no_sheet_waits
}

_is_the_turn_of_the_sheet if {
	input.action == "inquiry.read"
	input.inquiry.open == true
	input.inquiry.state in {"sent", "answered"}
	inquiries.is_own_case
}

_is_the_turn_of_the_sheet if {
	input.action in {"inquiry.read", "inquiry.answer"}
	input.inquiry.open == true
	input.inquiry.state == "sent"
	inquiries.is_in_time
}

_no_sheet_waits if input.inquiry.state in {"new", "answered"}

_no_sheet_waits if {
	input.inquiry.state == "sent"
	inquiries.is_late
}
