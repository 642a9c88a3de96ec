# METADATA
# title: Shapes of values
# description: >-
#   What the rules ask of a value before they use it. Every function is undefined, never false, for other shapes.
package sekisho.lib.shapes

import future.keywords.not

# METADATA
# title: A name
# description: A text that is not empty.
is_name(value) if {
	is_string(value)
	value != ""
}

# METADATA
# title: Names
# description: A list of at least one name.
is_names(values) if {
	is_names_or_empty(values)
	count(values) > 0
}

# METADATA
# title: A list of names
# description: A list of names that may be empty.
is_names_or_empty(values) if {
	is_array(values)
	count([value | some value in values; is_string(value); value != ""]) == count(values)
}

# METADATA
# title: A whole number
# description: A number without a fraction, not below the least one.
is_whole(value, least) if {
	is_number(value)
	value == floor(value)
	value >= least
}

# METADATA
# title: A name or none
# description: A name, or an explicit null.
is_name_or_null(value) if is_name(value)

is_name_or_null(value) if is_null(value)
