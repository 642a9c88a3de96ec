package sekisho.controls

import data.sekisho.lib.facts
import data.sekisho.lib.guideline
import future.keywords.not

# METADATA
# title: Everything that is read is on the purpose's list
# description: Every dataset that is scanned and every column that a scan reads is on the allow-list of the purpose.
# custom:
#   control: purpose-allow-list
granted contains "purpose-allow-list" if {
	facts.readable
	facts.reads - guideline.granted_reads == set()
}

# METADATA
# description: A dataset that is not on the list; that somebody has a row in it is itself what is protected.
# custom:
#   control: purpose-allow-list
deny contains {"control": "purpose-allow-list", "on": scan.id, "params": params} if {
	some scan in facts.scans
	not guideline.is_listed(scan.dataset)
	params := {"dataset": scan.dataset, "column": ""}
}

# METADATA
# description: A column that is not on the list.
# custom:
#   control: purpose-allow-list
deny contains {"control": "purpose-allow-list", "on": read.on, "params": params} if {
	some read in (facts.reads - guideline.granted_reads)
	guideline.is_listed(read.dataset)
	params := {"dataset": read.dataset, "column": read.column}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: purpose-allow-list
unspecified["purpose-allow-list"] := {"dataset": "", "column": ""}
