package sekisho.controls

import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The reason for using a dataset is written down
# description: Every dataset on the list that is scanned has its evidence noted there, in both languages.
# custom:
#   control: evidence-noted
granted contains "evidence-noted" if {
	facts.readable
	every scan in facts.scans { _evidence_is_settled(scan.dataset) }
}

# METADATA
# description: A dataset on the list without evidence.
# custom:
#   control: evidence-noted
deny contains {"control": "evidence-noted", "on": scan.id, "params": {"dataset": scan.dataset, "column": ""}} if {
	some scan in facts.scans
	not _evidence_is_settled(scan.dataset)
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: evidence-noted
unspecified["evidence-noted"] := {"dataset": "", "column": ""}

_evidence_is_settled(dataset) if {
	shapes.is_name(guideline.listed(dataset).evidence.ja)
	shapes.is_name(guideline.listed(dataset).evidence.en)
}

# A dataset that is not on the list is for purpose-allow-list to refuse; the reasons do not say it twice.
_evidence_is_settled(dataset) if not guideline.is_listed(dataset)
