# METADATA
# title: Guideline
# description: The entries of the guideline's tables that a request speaks of. Undefined for what they do not hold.
package sekisho.lib.guideline

import data.sekisho.lib.dates
import data.sekisho.lib.facts
import data.sekisho.lib.shapes
import future.keywords.not

_form_kinds := {
	"pseudonym", "flag", "ordinal", "count", "band", "year",
	"year_month", "grade", "town", "raw", "match",
}

_steps := {
	"review": "approval.review",
	"consult": "approval.consult",
	"decide": "approval.decide",
	"deputise": "approval.deputise",
}

_queries := {
	"row_level": "query.row_level",
	"aggregate": "query.aggregate",
	"impersonal": "query.impersonal",
}

# METADATA
# title: The parameters
# description: >-
#   The parameters of the guideline as they are today: those of one value, and of each that changes on a day the version
#   in force. One that is not in force yet, or of which that is not known, is left out.
# scope: document
parameters[name] := value if some name, value in data.guideline.parameters

parameters[name] := version.value if {
	some name, versions in data.guideline.timed_parameters
	some version in versions
	dates.has_begun(version.from)
	_is_not_over(version.to)
}

# METADATA
# title: A control out of force
# description: >-
#   The rule that the control carries out has not begun, or is over. Where that cannot be told it is in force; what a
#   decision cannot do without is never put out of force.
is_out_of_force(control) if {
	not _is_a_foundation(control)
	_is_outside(control)
}

# METADATA
# title: The guideline is in force
# description: >-
#   Today lies in the time of every rule that a decision cannot do without. On any other day the guideline allows
#   nothing.
is_in_force if count({control | some control in _foundations; _is_outside(control)}) == 0

_foundations := {"request-well-formed", "identity-verified", "single-hat", "action-matrix"}

_is_a_foundation(control) if control in _foundations

_is_outside(control) if dates.is_to_come(data.guideline.controls[control].from)

_is_outside(control) if dates.is_over(data.guideline.controls[control].to)

_has_one_epoch(domain) if shapes.is_name(data.guideline.domains[domain].epoch)

_is_not_over(last_day) if is_null(last_day)

_is_not_over(last_day) if dates.is_not_over(last_day)

# METADATA
# title: The purpose
# description: The registered purpose of use that the request states.
purpose := data.guideline.purposes[input.purpose] if {
	shapes.is_name(input.purpose)
	is_object(data.guideline.purposes[input.purpose])
}

# METADATA
# title: The stated purpose
# description: The text that the request states as its purpose, for reasons; empty where it states none.
default stated_purpose := ""

stated_purpose := input.purpose if is_string(input.purpose)

# METADATA
# title: The epoch of a domain
# description: >-
#   The generation of the keys of a pseudonymisation domain, as it is today. Undefined on a day that has none.
epoch(domain) := data.guideline.domains[domain].epoch if _has_one_epoch(domain)

epoch(domain) := version.value if {
	not _has_one_epoch(domain)
	some version in data.guideline.domains[domain].epochs
	dates.has_begun(version.from)
	_is_not_over(version.to)
}

# METADATA
# title: The legal basis
# description: What the guideline says of the kind of legal basis that the request states.
basis := parameters.legal_bases[input.basis] if {
	shapes.is_name(input.basis)
	is_object(parameters.legal_bases[input.basis])
}

# METADATA
# title: The recipient
# description: The registered recipient that the answer goes to.
recipient := data.guideline.recipients[input.recipient] if {
	shapes.is_name(input.recipient)
	is_object(data.guideline.recipients[input.recipient])
}

# METADATA
# title: A recipient without a contract
# description: Inside the organisation, or the public.
needs_no_contract if recipient.kind in _kinds_without_contract

# METADATA
# title: A recipient under contract
# description: Of every other kind that is named.
needs_a_contract if {
	shapes.is_name(recipient.kind)
	count({recipient.kind} - _kinds_without_contract) == 1
}

_kinds_without_contract := {"internal", "public"}

# METADATA
# title: The stated recipient
# description: The text that the request states as its recipient, for reasons; empty where it states none.
default stated_recipient := ""

stated_recipient := input.recipient if is_string(input.recipient)

# METADATA
# title: The data form
# description: The form of data that the purpose yields with this kind of output, as the guideline knows it.
data_form := known if {
	known := parameters.data_forms[purpose.yields[input.query.output.kind]]
	is_object(known)
}

# METADATA
# title: The hat
# description: The one role worn in this request.
hat := input.principal.hats[0] if {
	shapes.is_names(input.principal.hats)
	count(input.principal.hats) == 1
}

# METADATA
# title: The action of the matrix
# description: The action under which the action matrix lists the request.
matrix_action := _queries[input.query.output.kind] if input.action == "query"

matrix_action := _steps[input.step] if input.action == "approval.sign"

matrix_action := input.action if {
	shapes.is_name(input.action)
	input.action != "query"
	input.action != "approval.sign"
}

# METADATA
# title: The permission of the matrix
# description: What the action matrix says for the hat and the action.
permission := data.guideline.action_matrix[hat][matrix_action]

# METADATA
# title: The row of the allow-list
# description: What the allow-list of the purpose grants of a dataset.
listed(dataset) := data.guideline.allow_list[input.purpose][dataset] if {
	shapes.is_name(input.purpose)
	is_object(data.guideline.allow_list[input.purpose][dataset])
}

# METADATA
# title: The granted form
# description: The form in which the allow-list of the purpose grants a column.
form(dataset, column) := granted if {
	granted := listed(dataset).columns[column]
	is_object(granted)
	granted.form in _form_kinds
}

# METADATA
# title: A dataset on the allow-list
# description: The allow-list of the purpose has a row for the dataset.
is_listed(dataset) if is_object(listed(dataset))

# METADATA
# title: A column on the allow-list
# description: The catalogue knows the column, and the allow-list of the purpose grants it a form.
is_granted(dataset, column) if {
	shapes.is_name(data.catalogue.datasets[dataset].columns[column].type)
	is_object(form(dataset, column))
}

# METADATA
# title: Reads on the allow-list
# description: The reads of columns that the allow-list of the purpose grants a form.
# scope: document
granted_reads contains read if {
	some read in facts.reads
	is_granted(read.dataset, read.column)
}

# METADATA
# title: A form that leaves
# description: The column is sent in its form; false only where the form says so.
leaves(granted) if object.get(granted, "leaves", true) == true

# METADATA
# title: The smallest group
# description: >-
#   How many persons a group must have at least. Only a recipient inside the organisation gets by with the internal
#   number; every other gets the public one.
group_size := size if {
	recipient.kind == "internal"
	size := parameters.k_internal
	shapes.is_whole(size, 2)
}

group_size := size if {
	shapes.is_name(recipient.kind)
	recipient.kind != "internal"
	size := parameters.k_public
	shapes.is_whole(size, 2)
}
