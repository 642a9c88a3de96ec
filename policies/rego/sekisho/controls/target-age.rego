package sekisho.controls

import data.sekisho.lib.facts
import data.sekisho.lib.gates
import future.keywords.not

# METADATA
# title: Only persons of the target age
# description: Scans of the roles that the gate is for can be filtered to the grades or ages that the guideline names.
# custom:
#   control: target-age
granted contains "target-age" if gates.is_held("target-age")

# METADATA
# description: A scan whose dataset declares no column that the gate could read.
# custom:
#   control: target-age
deny contains {"control": "target-age", "on": scan.id, "params": {"dataset": scan.dataset}} if {
	some scan in facts.scans
	not gates.is_held_on("target-age", scan)
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: target-age
unspecified["target-age"] := {"dataset": ""}
