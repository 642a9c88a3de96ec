package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import future.keywords.not

# METADATA
# title: No finer than needed
# description: >-
#   The granted form fits the column's type, dates are never raw, and what only filters at its source is used for
#   nothing else.
# custom:
#   control: minimal-form
granted contains "minimal-form" if {
	facts.readable
	facts.reads - _minimal_reads == set()
}

# METADATA
# description: A column whose form is too fine, or that is used for more than its form allows.
# custom:
#   control: minimal-form
deny contains {"control": "minimal-form", "on": read.on, "params": params} if {
	some read in (facts.reads - _minimal_reads)
	params := {"dataset": read.dataset, "column": read.column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: minimal-form
unspecified["minimal-form"] := {"dataset": "", "column": ""}

# The types of column that a form can be made from; a date is in no list of raw.
_types_of_form := {
	"pseudonym": {"text", "integer"},
	"flag": {"text", "integer", "date", "boolean"},
	"ordinal": {"text", "integer"},
	"count": {"integer"},
	"band": {"integer"},
	"year": {"date"},
	"year_month": {"date"},
	"grade": {"date"},
	"town": {"text"},
	"raw": {"text", "integer", "boolean"},
	"match": {"text", "integer", "date"},
}

# A column that is not on the list is for purpose-allow-list to refuse; the reasons do not say it twice.
_minimal_reads contains read if {
	some read in (facts.reads - guideline.granted_reads)
}

_minimal_reads contains read if {
	some read in facts.reads
	form := guideline.form(read.dataset, read.column)
	catalogue.column(read).type in _types_of_form[form.form]
	_uses_fit(read.usages, form)
}

# What is about nobody is as fine as its holder likes.
_minimal_reads contains read if {
	catalogue.is_impersonal
	some read in facts.reads
	guideline.form(read.dataset, read.column).form == "raw"
	guideline.leaves(guideline.form(read.dataset, read.column))
}

_uses_fit(_, form) if {
	guideline.leaves(form)
	form.form != "match"
}

_uses_fit(usages, form) if {
	not guideline.leaves(form)
	usages - {"predicate", "null_check"} == set()
}
