package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import future.keywords.not

# METADATA
# title: No free text
# description: Text that people wrote freely is read by no query.
# custom:
#   control: no-free-text
granted contains "no-free-text" if {
	facts.readable
	facts.reads - _reads_without_free_text == set()
}

# METADATA
# description: A column of free text, or whose class is not known.
# custom:
#   control: no-free-text
deny contains {"control": "no-free-text", "on": read.on, "params": params} if {
	some read in (facts.reads - _reads_without_free_text)
	params := {"dataset": read.dataset, "column": read.column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: no-free-text
unspecified["no-free-text"] := {"dataset": "", "column": ""}

_reads_without_free_text contains read if {
	some read in facts.reads
	catalogue.column(read).class in {"key", "identifier", "quasi_identifier", "attribute"}
}
