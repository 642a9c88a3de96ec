package sekisho.controls

import data.sekisho.lib.inquiries
import future.keywords.not

# METADATA
# title: A sheet is between two
# description: >-
#   Whoever has the case view sends it and reads the answer; the body that it is addressed to reads it and answers.
# custom:
#   control: inquiry-addressed
granted contains "inquiry-addressed" if _is_one_of_the_two

# METADATA
# description: Anybody else, another body included.
# custom:
#   control: inquiry-addressed
deny contains {"control": "inquiry-addressed", "on": "inquiry.addressee", "params": {}} if {
	not _is_one_of_the_two
}

_is_one_of_the_two if {
	input.action in {"inquiry.send", "inquiry.read"}
	inquiries.is_own_case
}

_is_one_of_the_two if {
	input.action in {"inquiry.read", "inquiry.answer"}
	inquiries.is_addressee
}
