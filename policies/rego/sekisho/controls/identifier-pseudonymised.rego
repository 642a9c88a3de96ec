package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Keys are pseudonyms
# description: A column that holds a key of some kind is granted as a pseudonym and in no other form.
# custom:
#   control: identifier-pseudonymised
granted contains "identifier-pseudonymised" if {
	facts.readable
	facts.reads - _pseudonymised_reads == set()
}

# METADATA
# description: A key in another form.
# custom:
#   control: identifier-pseudonymised
deny contains {"control": "identifier-pseudonymised", "on": read.on, "params": params} if {
	some read in (facts.reads - _pseudonymised_reads)
	params := {"dataset": read.dataset, "column": read.column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: identifier-pseudonymised
unspecified["identifier-pseudonymised"] := {"dataset": "", "column": ""}

# A column that is not on the list is for purpose-allow-list to refuse; the reasons do not say it twice.
_pseudonymised_reads contains read if {
	some read in (facts.reads - guideline.granted_reads)
}

_pseudonymised_reads contains read if {
	some read in facts.reads
	catalogue.is_key(read)
	guideline.form(read.dataset, read.column).form == "pseudonym"
	shapes.is_name(catalogue.column(read).key)
}

_pseudonymised_reads contains read if {
	some read in facts.reads
	catalogue.is_no_key(read)
	guideline.form(read.dataset, read.column).form != "pseudonym"
}
