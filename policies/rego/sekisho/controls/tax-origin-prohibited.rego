package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import future.keywords.not

# METADATA
# title: Nothing from tax inquiries
# description: >-
#   What was learned for taxation is read in no way, for any purpose; categories made by benefit sections are not of
#   it.
# custom:
#   control: tax-origin-prohibited
granted contains "tax-origin-prohibited" if {
	facts.readable
	facts.reads - _reads_without_tax == set()
}

# METADATA
# description: A column of that origin, or whose origin is not known.
# custom:
#   control: tax-origin-prohibited
deny contains {"control": "tax-origin-prohibited", "on": read.on, "params": params} if {
	some read in (facts.reads - _reads_without_tax)
	params := {"dataset": read.dataset, "column": read.column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: tax-origin-prohibited
unspecified["tax-origin-prohibited"] := {"dataset": "", "column": ""}

_reads_without_tax contains read if {
	some read in facts.reads
	catalogue.column(read).origin in {"own", "benefit", "my_number", "resident_code"}
}
