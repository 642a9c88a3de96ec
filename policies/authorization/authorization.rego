# METADATA
# title: Who may use the policy server
# description: >-
#   The server that Sekisho starts answers one question to whoever holds its token, and its health to anybody on the
#   machine. Rules and data can be neither read nor changed through it.
package system.authz

import future.keywords.not

# METADATA
# title: Allowed
# description: The request is the one question, with the token, or asks for the server's health.
default allow := false

allow if {
	input.method == "POST"
	input.path == ["v1", "data", "sekisho", "decision"]
	is_string(data.system.token)
	data.system.token != ""
	input.identity == data.system.token
}

allow if {
	input.method == "GET"
	input.path == ["health"]
}
