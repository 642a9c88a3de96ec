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
	facts.scans - _scans_with_evidence == set()
}

# METADATA
# description: A dataset on the list without evidence.
# custom:
#   control: evidence-noted
deny contains {"control": "evidence-noted", "on": scan.id, "params": {"dataset": scan.dataset, "column": ""}} if {
	some scan in (facts.scans - _scans_with_evidence)
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: evidence-noted
unspecified["evidence-noted"] := {"dataset": "", "column": ""}

_scans_with_evidence contains scan if {
	some scan in facts.scans
	shapes.is_name(guideline.listed(scan.dataset).evidence.ja)
	shapes.is_name(guideline.listed(scan.dataset).evidence.en)
}

# A dataset that is not on the list is for purpose-allow-list to refuse; the reasons do not say it twice.
_scans_with_evidence contains scan if {
	some scan in facts.scans
	not guideline.is_listed(scan.dataset)
}
