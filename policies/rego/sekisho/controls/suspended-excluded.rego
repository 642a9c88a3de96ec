package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.protection
import future.keywords.not

# METADATA
# title: Persons whose use is suspended are left out
# description: >-
#   On each scan that the guideline's set is for, its holder can leave out the persons for whom use was suspended.
#   Nobody is cleared to see them.
# custom:
#   control: suspended-excluded
granted contains "suspended-excluded" if {
	facts.readable
	some name in protection.sets_of("suspended-excluded")
	protection.is_for_some_scan(name)
	every set_name in protection.sets_of("suspended-excluded") {
		every scan in facts.scans { protection.is_applicable(set_name, scan) }
	}
}

granted contains "suspended-excluded" if catalogue.is_impersonal

# METADATA
# description: A scan from which its holder cannot leave them out.
# custom:
#   control: suspended-excluded
deny contains {"control": "suspended-excluded", "on": scan.id, "params": {"dataset": scan.dataset}} if {
	some name in protection.sets_of("suspended-excluded")
	some scan in facts.scans
	not protection.is_applicable(name, scan)
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: suspended-excluded
unspecified["suspended-excluded"] := {"dataset": ""}
