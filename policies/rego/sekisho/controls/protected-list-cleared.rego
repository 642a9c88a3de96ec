package sekisho.controls

import data.sekisho.lib.protection
import future.keywords.not

# METADATA
# title: A list with protected persons is for cleared staff
# description: The principal carries the mark of every set of persons under protection.
# custom:
#   control: protected-list-cleared
granted contains "protected-list-cleared" if _is_cleared

# METADATA
# description: The principal lacks the mark of one.
# custom:
#   control: protected-list-cleared
deny contains {"control": "protected-list-cleared", "on": "principal", "params": {}} if {
	not _is_cleared
}

_is_cleared if {
	count(protection.sets_of("address-protected-excluded")) > 0
	every name in protection.sets_of("address-protected-excluded") { protection.is_marked(name) }
}
