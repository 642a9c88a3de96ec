package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.protection
import future.keywords.not

# METADATA
# title: Protected persons are left out
# description: >-
#   On each scan that the guideline's set is for, its holder can leave out the persons under protection, or the
#   principal is cleared to see them and the answer stays inside.
# custom:
#   control: address-protected-excluded
granted contains "address-protected-excluded" if {
	facts.readable
	some name in protection.sets_of("address-protected-excluded")
	protection.is_for_some_scan(name)
	every set_name in protection.sets_of("address-protected-excluded") {
		every scan in facts.scans { _is_protected(set_name, scan) }
	}
}

granted contains "address-protected-excluded" if catalogue.is_impersonal

# METADATA
# description: A scan from which its holder cannot leave them out.
# custom:
#   control: address-protected-excluded
deny contains {"control": "address-protected-excluded", "on": scan.id, "params": {"dataset": scan.dataset}} if {
	some name in protection.sets_of("address-protected-excluded")
	some scan in facts.scans
	not _is_protected(name, scan)
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: address-protected-excluded
unspecified["address-protected-excluded"] := {"dataset": ""}

_is_protected(name, scan) if protection.is_applicable(name, scan)

_is_protected(name, _) if protection.is_cleared(name)
