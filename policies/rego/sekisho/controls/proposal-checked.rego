package sekisho.controls

import future.keywords.not

# METADATA
# title: Nothing was found that bars the proposal
# description: The criteria were tested, and hold no condition that only few persons meet, as a record of them would.
# custom:
#   control: proposal-checked
granted contains "proposal-checked" if _proposal_is_sound

# METADATA
# description: Something was found, or nobody tested it.
# custom:
#   control: proposal-checked
deny contains {"control": "proposal-checked", "on": "proposal.findings", "params": {}} if not _proposal_is_sound

_proposal_is_sound if input.proposal.findings == 0
