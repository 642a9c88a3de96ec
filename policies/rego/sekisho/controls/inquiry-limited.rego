package sekisho.controls

import data.sekisho.lib.inquiries
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: A sheet says who is meant and asks what is listed
# description: >-
#   It shows the items that the guideline lists for it and no others, asks some of the questions that it lists and not
#   too many, and goes to a body that the case itself names. Nobody under protection is named to another body.
# custom:
#   control: inquiry-limited
granted contains "inquiry-limited" if _is_a_limited_sheet

# METADATA
# description: An item or a question that is not listed, too many of them, nobody to be asked, or a protected person.
# custom:
#   control: inquiry-limited
deny contains {"control": "inquiry-limited", "on": "inquiry.items", "params": {}} if {
	not _is_a_limited_sheet
}

_is_a_limited_sheet if {
	input.inquiry.protected == false
	shapes.is_name(input.inquiry.addressee)
	is_object(inquiries.terms.items)
	is_object(input.inquiry.items)
	count(input.inquiry.items) > 0
	every dataset, columns in input.inquiry.items {
		shapes.is_names(columns)
		{column | some column in columns} - {column | some column in inquiries.terms.items[dataset]} == set()
	}
	shapes.is_names(input.inquiry.questions)
	asked := {question | some question in input.inquiry.questions}
	asked - {question | some question, _ in inquiries.terms.questions} == set()
	shapes.is_whole(inquiries.terms.questions_at_most, 1)
	count(asked) <= inquiries.terms.questions_at_most
	count(asked) == count(input.inquiry.questions)
}
