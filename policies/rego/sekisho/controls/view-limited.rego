package sekisho.controls

import data.sekisho.lib.shapes
import data.sekisho.lib.tickets
import future.keywords.not

# METADATA
# title: Only what the annex lists
# description: >-
#   The holders are asked for datasets and items of the annex alone, the register first. Members of the sets that the
#   annex names are left out; for a cleared member of staff those of a set with a mark may be shown by fewer items.
# custom:
#   control: view-limited
granted contains "view-limited" if _is_within_the_annex

# METADATA
# description: Another dataset, another item, or a set that is passed over.
# custom:
#   control: view-limited
deny contains {"control": "view-limited", "on": "ticket.look_ups", "params": {}} if {
	not _is_within_the_annex
}

_is_within_the_annex if {
	tickets.is_well_formed
	count(input.ticket.look_ups) > 0
	input.ticket.look_ups[0].dataset == tickets.terms.view[0].dataset
	count({each.dataset | some each in input.ticket.look_ups}) == count(input.ticket.look_ups)
	every each in input.ticket.look_ups { _is_listed(each) }
}

_is_listed(each) if {
	some listed in tickets.terms.view
	listed.dataset == each.dataset
	listed.among == each.among
	_columns(each.columns) - _columns(listed.columns) == set()
	every name in listed.leave_out { _is_kept_apart(name, each, listed) }
	every name, _ in each.reduced { _is_shown_by_fewer(name, each, listed) }
	each.alert in _alerts(each, listed)
}

_is_kept_apart(name, each, _) if name in each.leave_out

_is_kept_apart(name, each, listed) if _is_shown_by_fewer(name, each, listed)

_is_shown_by_fewer(name, each, listed) if {
	shapes.is_names_or_empty(each.reduced[name])
	data.guideline.named_sets[name].unless == "dv_cleared"
	input.principal.dv_cleared == true
	_columns(each.reduced[name]) - _columns(listed.reduced[name]) == set()
}

# Nobody is told of a set that is not left out.
_alerts(each, listed) := {listed.alert} if _is_left_out(listed.alert, each)

_alerts(each, listed) := {null} if not _is_left_out(listed.alert, each)

_is_left_out(name, each) if name in each.leave_out

_columns(names) := {name | some name in names}
