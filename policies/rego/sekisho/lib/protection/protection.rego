# METADATA
# title: Named sets
# description: >-
#   Sets of persons that only their holder knows. A scan of a role that a set is for leaves its members out, unless
#   the principal is cleared for them and the answer stays inside.
package sekisho.lib.protection

import data.sekisho.lib.facts
import data.sekisho.lib.freshness
import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: Sets of a control
# description: The names of the sets by which a control is carried out.
sets_of(control) := {name |
	some name, entry in data.guideline.named_sets
	entry.control == control
}

# METADATA
# title: A set for some scan
# description: The set is for a role that some scan has.
is_for_some_scan(name) if {
	some scan in facts.scans
	scan.role in data.guideline.named_sets[name].roles
}

# METADATA
# title: Cleared
# description: The principal carries the mark that lifts the set, and the recipient is inside the organisation.
is_cleared(name) if {
	is_marked(name)
	guideline.recipient.kind == "internal"
}

# METADATA
# title: Marked
# description: The principal carries the mark that lifts the set.
is_marked(name) if {
	mark := data.guideline.named_sets[name].unless
	shapes.is_name(mark)
	input.principal[mark] == true
}

# METADATA
# title: A set that can be applied to a scan
# description: The scan's role is none that the set is for, or the set's holder holds the dataset.
is_applicable(name, scan) if {
	shapes.is_names(data.guideline.named_sets[name].roles)
	scan.role in (facts.scan_roles - {role | some role in data.guideline.named_sets[name].roles})
}

is_applicable(name, scan) if {
	scan.role in data.guideline.named_sets[name].roles
	data.catalogue.datasets[scan.dataset].department in data.guideline.named_sets[name].departments
}

# METADATA
# title: A current set
# description: >-
#   Who is in the set is known as of a day that is recent enough, or the guideline names no class of freshness for it:
#   such a set is a list that is read as it is at the time.
is_current(name, _) if is_null(object.get(data.guideline.named_sets[name], "refresh", null))

is_current(name, scan) if {
	freshness.is_fresh(data.guideline.named_sets[name].refresh, input.datasets[scan.dataset].sets[name])
}

# METADATA
# title: Sets to leave out
# description: The sets whose members a scan must leave out, by name.
exclusions(scan) := sort([name |
	some name, entry in data.guideline.named_sets
	scan.role in entry.roles
	not is_cleared(name)
])
