package sekisho.controls

import data.sekisho.lib.guideline
import data.sekisho.lib.shapes
import future.keywords.not

# METADATA
# title: The pseudonyms have a declared domain
# description: The purpose's domain is declared, lists the purpose, and has this recipient as its only one.
# custom:
#   control: pseudonym-domain-declared
granted contains "pseudonym-domain-declared" if _domain_is_declared

# METADATA
# description: No domain, or one of another purpose or recipient.
# custom:
#   control: pseudonym-domain-declared
deny contains {"control": "pseudonym-domain-declared", "on": "recipient", "params": params} if {
	not _domain_is_declared
	params := {"purpose": guideline.stated_purpose}
}

# METADATA
# description: What a reason says where nothing particular is known.
# custom:
#   control: pseudonym-domain-declared
unspecified["pseudonym-domain-declared"] := {"purpose": ""}

_domain_is_declared if {
	domain := data.guideline.domains[guideline.purpose.domain]
	shapes.is_name(guideline.epoch(guideline.purpose.domain))
	shapes.is_names(domain.purposes)
	input.purpose in domain.purposes
	is_object(guideline.recipient)
	domain.recipient == input.recipient
	shapes.is_names(guideline.purpose.recipients)
	input.recipient in guideline.purpose.recipients
}
