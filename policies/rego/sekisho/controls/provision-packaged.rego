package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.provisions
import future.keywords.not

# METADATA
# title: Rows leave for a contractor in a package only
# description: >-
#   An answer for a recipient without a contract belongs to no package. Rows for one under contract are read for a
#   package that is being made, and for nothing else; groups, which are hidden where they are small, for none.
# custom:
#   control: provision-packaged
granted contains "provision-packaged" if _is_read_for_no_package

granted contains "provision-packaged" if _is_read_for_a_package

# METADATA
# description: Rows for a contractor outside of a package, or a package for somebody else.
# custom:
#   control: provision-packaged
deny contains {"control": "provision-packaged", "on": "recipient", "params": params} if {
	not _is_read_for_no_package
	not _is_read_for_a_package
	params := {"recipient": guideline.stated_recipient}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: provision-packaged
unspecified["provision-packaged"] := {"recipient": ""}

_is_read_for_a_package if {
	guideline.needs_a_contract
	input.query.output.kind == "row_level"
	provisions.is_well_formed
	input.provision.state in {"new", "drafted"}
}

_is_read_for_no_package if {
	guideline.needs_no_contract
	is_null(input.provision)
}

_is_read_for_no_package if {
	guideline.needs_a_contract
	input.query.output.kind == "aggregate"
	is_null(input.provision)
}
