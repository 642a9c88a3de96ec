package sekisho.controls

import future.keywords.not

# METADATA
# title: One step of a package after the other
# description: The package has come as far as the step presupposes, and no further.
# custom:
#   control: package-in-turn
granted contains "package-in-turn" if _is_in_turn

# METADATA
# description: A step before its turn, or one that was taken already.
# custom:
#   control: package-in-turn
deny contains {"control": "package-in-turn", "on": "provision.state", "params": {}} if not _is_in_turn

_is_in_turn if input.provision.state in _states_before[input.action]

_states_before := {
	"package.draft": {"new"},
	"package.review": {"drafted"},
	"package.create": {"drafted"},
	"package.hand_over": {"created"},
	"package.close": {"handed_over", "received"},
}
