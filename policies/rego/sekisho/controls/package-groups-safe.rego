package sekisho.controls

import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Enough persons look alike
# description: >-
#   As many rows as the guideline says share what could identify somebody, and as many values of each sensitive item
#   stand among them.
# custom:
#   control: package-groups-safe
granted contains "package-groups-safe" if _package_groups_are_safe

# METADATA
# description: Too few, or it is not known how many.
# custom:
#   control: package-groups-safe
deny contains {"control": "package-groups-safe", "on": "provision.k", "params": {}} if not _package_groups_are_safe

_package_groups_are_safe if {
	shapes.is_whole(data.guideline.parameters.packages.k_rows, 2)
	shapes.is_whole(data.guideline.parameters.packages.l_values, 2)
	shapes.is_whole(input.provision.k, data.guideline.parameters.packages.k_rows)
	shapes.is_whole(input.provision.l, data.guideline.parameters.packages.l_values)
}
