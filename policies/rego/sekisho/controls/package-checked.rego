package sekisho.controls

import future.keywords.not

# METADATA
# title: Nothing was found that bars the package
# description: The check of what it holds ran, and found nothing for which reviewers would have to refuse it.
# custom:
#   control: package-checked
granted contains "package-checked" if _nothing_was_found

# METADATA
# description: Something was found, or nobody looked.
# custom:
#   control: package-checked
deny contains {"control": "package-checked", "on": "provision.findings", "params": {}} if not _nothing_was_found

_nothing_was_found if input.provision.findings == 0
