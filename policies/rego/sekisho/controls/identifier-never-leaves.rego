package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import future.keywords.not

# METADATA
# title: No identifier is read
# description: Names, addresses, numbers and the like are read by no query, whatever a list may say.
# custom:
#   control: identifier-never-leaves
granted contains "identifier-never-leaves" if {
	facts.readable
	facts.reads - _reads_without_identifier == set()
}

# METADATA
# description: A column that identifies, or whose class is not known.
# custom:
#   control: identifier-never-leaves
deny contains {"control": "identifier-never-leaves", "on": read.on, "params": params} if {
	some read in (facts.reads - _reads_without_identifier)
	params := {"dataset": read.dataset, "column": read.column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: identifier-never-leaves
unspecified["identifier-never-leaves"] := {"dataset": "", "column": ""}

_reads_without_identifier contains read if {
	some read in facts.reads
	catalogue.column(read).class in {"key", "quasi_identifier", "attribute", "free_text"}
}
