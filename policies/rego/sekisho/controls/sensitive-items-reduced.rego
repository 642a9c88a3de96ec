package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import future.keywords.not

# METADATA
# title: Sensitive items are reduced
# description: >-
#   A sensitive column is seen only as yes or no, as a level, as a band or as a count; a sensitive key as a
#   pseudonym.
# custom:
#   control: sensitive-items-reduced
granted contains "sensitive-items-reduced" if {
	facts.readable
	facts.reads - _reduced_reads == set()
}

# METADATA
# description: A sensitive column in a finer form.
# custom:
#   control: sensitive-items-reduced
deny contains {"control": "sensitive-items-reduced", "on": read.on, "params": params} if {
	some read in (facts.reads - _reduced_reads)
	params := {"dataset": read.dataset, "column": read.column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: sensitive-items-reduced
unspecified["sensitive-items-reduced"] := {"dataset": "", "column": ""}

# Which forms count as reduced the guideline says; raw and a look-up never do, and pseudonyms are for keys.
_reduced_forms := {form | some form in guideline.parameters.reduced_forms} - {"raw", "match", "pseudonym"}

# A column that is not on the list is for purpose-allow-list to refuse; the reasons do not say it twice.
_reduced_reads contains read if {
	some read in (facts.reads - guideline.granted_reads)
}

_reduced_reads contains read if {
	some read in facts.reads
	catalogue.is_ordinary(read)
}

_reduced_reads contains read if {
	some read in catalogue.sensitive_reads
	guideline.form(read.dataset, read.column).form in _reduced_forms
}

_reduced_reads contains read if {
	some read in catalogue.sensitive_reads
	catalogue.is_key(read)
	guideline.form(read.dataset, read.column).form == "pseudonym"
}

_reduced_reads contains read if {
	some read in catalogue.sensitive_reads
	catalogue.column(read).type == "boolean"
	guideline.form(read.dataset, read.column).form == "raw"
}
