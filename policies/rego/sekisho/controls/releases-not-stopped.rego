package sekisho.controls

import future.keywords.not

# METADATA
# title: Releases have not been stopped
# description: >-
#   Nothing is released between the stop of all releases for an incident, or the suspicion of one, and the moment that
#   it is lifted.
# custom:
#   control: releases-not-stopped
granted contains "releases-not-stopped" if input.stopped == false

# METADATA
# description: Releases are stopped, or it is not known whether they are.
# custom:
#   control: releases-not-stopped
deny contains {"control": "releases-not-stopped", "on": "stopped", "params": {}} if {
	not _releases_go_on
}

_releases_go_on if input.stopped == false
