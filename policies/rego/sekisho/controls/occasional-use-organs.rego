package sekisho.controls

import data.sekisho.lib.catalogue
import data.sekisho.lib.guideline
import data.sekisho.lib.occasional
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: An occasional use rests on the basis for its organs
# description: >-
#   Where the holders all belong to the organ that gets the answer it is a use within, where one belongs to another
#   organ a provision: the kind of basis says which of them it is for. It concerns bases of occasional use alone.
# custom:
#   control: occasional-use-organs
granted contains "occasional-use-organs" if occasional.is_other_basis

granted contains "occasional-use-organs" if _holders_fit_the_basis

# METADATA
# description: A basis that is for other holders.
# custom:
#   control: occasional-use-organs
deny contains {"control": "occasional-use-organs", "on": "basis", "params": {"basis": input.basis}} if {
	not occasional.is_other_basis
	not _holders_fit_the_basis
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: occasional-use-organs
unspecified["occasional-use-organs"] := {"basis": ""}

_holders_fit_the_basis if {
	guideline.basis.occasional.holders == "own"
	_organs_of_holders == {_organ_of_use}
}

_holders_fit_the_basis if {
	guideline.basis.occasional.holders == "other"
	count(_organs_of_holders - {_organ_of_use}) > 0
}

# Consent, and what is for the person's good, ask for no particular holder.
_holders_fit_the_basis if {
	guideline.basis.occasional.holders == "any"
	count(_organs_of_holders) > 0
	shapes.is_name(_organ_of_use)
}

# Whoever asks belongs to the organ that gets the answer; a recipient without one is outside of all organs.
_organ_of_use := guideline.recipient.organ if {
	shapes.is_name(guideline.recipient.organ)
	guideline.recipient.organ == input.principal.organ
}

_organs_of_holders := {data.catalogue.departments[department].organ | some department in catalogue.departments} if {
	count(catalogue.departments) > 0
	every department in catalogue.departments { shapes.is_name(data.catalogue.departments[department].organ) }
}
