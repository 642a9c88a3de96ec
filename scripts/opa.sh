#!/bin/sh
# Provides the pinned Open Policy Agent as .tools/opa: the one on PATH where it has that version, else built with Go.
# Running it again does nothing. The version is also named in policies/bundle.py; a test holds the two together.
set -eu

version=1.20.2
cd "$(dirname "$0")/.."
target=.tools/opa

is_pinned() {
	[ -x "$1" ] && "$1" version 2>/dev/null | grep -qx "Version: $version"
}

if is_pinned "$target"; then
	echo "$target is Open Policy Agent $version already"
	exit 0
fi

mkdir -p .tools
rm -f "$target"
found=$(command -v opa || true)
if [ -n "$found" ] && is_pinned "$found"; then
	echo "Linking the Open Policy Agent $version that is on PATH ($found)"
	ln -s "$found" "$target"
elif command -v go >/dev/null; then
	echo "Building Open Policy Agent $version with $(go version | cut -d' ' -f3); this takes a few minutes the first time"
	GOBIN="$PWD/.tools" CGO_ENABLED=0 go install "github.com/open-policy-agent/opa@v$version"
else
	echo "Neither Open Policy Agent $version nor Go is on PATH." >&2
	echo "Install Go (https://go.dev/doc/install), or put opa $version on PATH, and run $0 again." >&2
	exit 1
fi

if ! is_pinned "$target"; then
	echo "$target is not Open Policy Agent $version" >&2
	exit 1
fi
echo "$target is Open Policy Agent $version now"
