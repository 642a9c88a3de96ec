package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import future.keywords.not

# METADATA
# title: No number that the law keeps apart
# description: Neither the individual number nor the resident record code is read in any way, for any purpose.
# custom:
#   control: my-number-prohibited
granted contains "my-number-prohibited" if {
	facts.readable
	facts.reads - _reads_without_prohibited_number == set()
}

# METADATA
# description: A column of that origin, or whose origin is not known.
# custom:
#   control: my-number-prohibited
deny contains {"control": "my-number-prohibited", "on": read.on, "params": params} if {
	some read in (facts.reads - _reads_without_prohibited_number)
	params := {"dataset": read.dataset, "column": read.column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: my-number-prohibited
unspecified["my-number-prohibited"] := {"dataset": "", "column": ""}

_reads_without_prohibited_number contains read if {
	some read in facts.reads
	catalogue.column(read).origin in {"own", "benefit", "tax"}
}
