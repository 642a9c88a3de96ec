package sekisho.controls

import data.sekisho.lib.approvals
import data.sekisho.lib.catalogue
import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Sensitive items are approved at the top
# description: >-
#   A sensitive column is read under an approval decided by a role of the sensitive route, or by its deputy, or, free of
#   approval, for a purpose whose every output is an aggregate with a smallest group.
# custom:
#   control: sensitive-items-approved
granted contains "sensitive-items-approved" if {
	facts.readable
	facts.reads - _approved_reads == set()
}

# METADATA
# description: A sensitive column without that approval.
# custom:
#   control: sensitive-items-approved
deny contains {"control": "sensitive-items-approved", "on": read.on, "params": params} if {
	some read in (facts.reads - _approved_reads)
	params := {"dataset": read.dataset, "column": read.column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: sensitive-items-approved
unspecified["sensitive-items-approved"] := {"dataset": "", "column": ""}

_approved_reads contains read if {
	some read in facts.reads
	catalogue.is_ordinary(read)
}

_approved_reads contains read if {
	some read in catalogue.sensitive_reads
	_is_approved_at_the_top
}

_approved_reads contains read if {
	some read in catalogue.sensitive_reads
	_is_only_counted
}

# Who decides afterwards decides on these items, too.
_approved_reads contains read if {
	some read in catalogue.sensitive_reads
	approvals.is_ahead
}

_is_approved_at_the_top if {
	shapes.is_names(data.guideline.routes.template.decide.sensitive.roles)
	input.approval.approver.role in data.guideline.routes.template.decide.sensitive.roles
	approvals.is_decided
}

_is_approved_at_the_top if {
	input.approval.approver.step == "deputise"
	shapes.is_names(data.guideline.routes.template.decide.sensitive.deputies)
	input.approval.approver.role in data.guideline.routes.template.decide.sensitive.deputies
	approvals.is_decided
}

_is_only_counted if {
	approvals.is_free
	shapes.is_names(guideline.purpose.outputs)
	every kind in guideline.purpose.outputs { kind == "aggregate" }
	is_number(guideline.group_size)
}
