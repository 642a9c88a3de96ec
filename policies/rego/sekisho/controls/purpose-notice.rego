package sekisho.controls

import data.sekisho.lib.dates
import data.sekisho.lib.guideline
import future.keywords.not

# METADATA
# title: The purpose was made public
# description: The public notice has been given.
# custom:
#   control: purpose-notice
granted contains "purpose-notice" if _purpose_was_made_public

# METADATA
# description: No notice yet.
# custom:
#   control: purpose-notice
deny contains {"control": "purpose-notice", "on": "purpose", "params": params} if {
	not _purpose_was_made_public
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: purpose-notice
unspecified["purpose-notice"] := {"purpose": ""}

_purpose_was_made_public if dates.has_begun(guideline.purpose.public_notice_on)
