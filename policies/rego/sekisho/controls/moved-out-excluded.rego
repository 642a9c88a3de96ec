package sekisho.controls

import data.sekisho.lib.facts
import data.sekisho.lib.gates
import future.keywords.not

# METADATA
# title: Nobody who has moved out
# description: Scans of the roles that the gate is for can be filtered to those whose status the guideline names.
# custom:
#   control: moved-out-excluded
granted contains "moved-out-excluded" if gates.is_held("moved-out-excluded")

# METADATA
# description: A scan whose dataset declares no column that the gate could read.
# custom:
#   control: moved-out-excluded
deny contains {"control": "moved-out-excluded", "on": scan.id, "params": {"dataset": scan.dataset}} if {
	some scan in facts.scans
	not gates.is_held_on("moved-out-excluded", scan)
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: moved-out-excluded
unspecified["moved-out-excluded"] := {"dataset": ""}
