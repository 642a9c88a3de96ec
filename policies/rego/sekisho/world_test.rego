# METADATA
# description: >-
#   A small neutral city, from world_test.json, which tests/policies/world.py writes: the data documents, and one
#   request of each kind that is allowed. A case is a request by its name with changes (JSON Patch) to it and to the
#   data.
package sekisho.world_test

import data.sekisho

# METADATA
# description: What a case is refused for, by control, and what each reason is about.
refusals(case) := {reason.control: about |
	reasons := answer(case).deny
	some reason in reasons
	about := {each.on | some each in reasons; each.control == reason.control}
}

# METADATA
# description: The answer to a case.
answer(case) := answered if {
	documents := json.patch(data.world.documents, object.get(case, "data", []))
	request := json.patch(data.world.requests[case.of], object.get(case, "request", []))
	answered := sekisho.decision with input as request
		with data.catalogue as documents.catalogue
		with data.guideline as documents.guideline
}

# METADATA
# description: A case without changes.
plain(name) := {"of": name}

# METADATA
# description: A case with changes to its request.
asked(name, changes) := {"of": name, "request": changes}

# METADATA
# description: A case with changes to the data.
given(name, changes) := {"of": name, "data": changes}

# METADATA
# description: A change that sets a field.
put(path, value) := {"op": "add", "path": path, "value": value}

# METADATA
# description: A change that replaces an element of a list.
swap(path, value) := {"op": "replace", "path": path, "value": value}

# METADATA
# description: A change that removes a field or an element.
drop(path) := {"op": "remove", "path": path}
