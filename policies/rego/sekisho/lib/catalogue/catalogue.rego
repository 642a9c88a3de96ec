# METADATA
# title: Catalogue
# description: >-
#   What the catalogue says of a column that is read. It is never taken from the input, so that a broker that lies
#   about a column gains nothing. Undefined for what the catalogue does not know.
package sekisho.lib.catalogue

import data.sekisho.lib.facts
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The dataset of a scan
# description: Undefined for a dataset that is not in the catalogue.
dataset(name) := data.catalogue.datasets[name]

# METADATA
# title: The column of a read
# description: Undefined for a column that is not in the catalogue.
column(read) := data.catalogue.datasets[read.dataset].columns[read.column]

# METADATA
# title: A key
# description: The column identifies a person, a household or the like and may join.
is_key(read) if column(read).class == "key"

is_key(read) if shapes.is_name(column(read).key)

# METADATA
# title: Not a key
# description: The column is known, is of another class and holds no kind of key.
is_no_key(read) if {
	column(read).class in {"identifier", "quasi_identifier", "attribute", "free_text"}
	is_null(column(read).key)
}

# METADATA
# title: Ordinary
# description: The column is known and neither sensitive by law nor on the city's own list.
is_ordinary(read) if column(read).sensitivity == "normal"

# METADATA
# title: Sensitive reads
# description: Reads of columns that are sensitive by law or on the city's own list.
# scope: document
sensitive_reads contains read if {
	some read in facts.reads
	column(read).sensitivity in {"kibi", "youhairyo"}
}

# METADATA
# title: Household keys of a scan
# description: Columns that the scan reads and that hold a key of a kind which groups persons living together.
household_keys(scan) := {read.column |
	some read in facts.reads
	read.scan == scan.id
	column(read).key in data.catalogue.household_kinds
}

# METADATA
# title: Holding departments
# description: Departments that hold the scanned datasets. Undefined where one of them is not known.
departments := {dataset(scan.dataset).department | some scan in facts.scans} if {
	facts.readable
	every scan in facts.scans { _has_holder(scan) }
}

_has_holder(scan) if shapes.is_name(data.catalogue.departments[dataset(scan.dataset).department].steward)

# METADATA
# title: An answer about nobody
# description: >-
#   The query says that no row of its answer is about a person, and the holder of every dataset that it scans has
#   declared that it holds no data subject. What the catalogue says of its columns must bear that out.
is_impersonal if {
	input.query.output.kind == "impersonal"
	facts.readable
	facts.scans - impersonal_scans == set()
}

# METADATA
# title: Scans about nobody
# description: The scans that say so and whose datasets hold no data subject.
# scope: document
impersonal_scans contains scan if {
	some scan in facts.scans
	scan.role == "impersonal"
	dataset(scan.dataset).impersonal == true
	is_null(dataset(scan.dataset).subject_key)
	every declared in dataset(scan.dataset).columns { _speaks_of_nobody(declared) }
}

_speaks_of_nobody(declared) if {
	declared.class == "attribute"
	is_null(declared.key)
	declared.sensitivity == "normal"
	declared.origin == "own"
}
