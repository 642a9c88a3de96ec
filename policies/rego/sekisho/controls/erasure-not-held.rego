package sekisho.controls

import future.keywords.not

# METADATA
# title: Nothing is erased while it may be needed
# description: No request, dispute or incident holds the erasure up.
# custom:
#   control: erasure-not-held
granted contains "erasure-not-held" if _nothing_holds_it_up

# METADATA
# description: Something holds it up, or whether something does is not known.
# custom:
#   control: erasure-not-held
deny contains {"control": "erasure-not-held", "on": "matter.held", "params": {}} if {
	not _nothing_holds_it_up
}

_nothing_holds_it_up if input.matter.held == false
