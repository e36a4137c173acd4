#!/bin/sh
# Put the api's dependencies into api/site. Quick when nothing has changed since the last time.
# PYTHON names the interpreter the shop will run with (default: python3); its version matters,
# because the database driver is compiled.
set -eu
cd "$(dirname "$0")/api"
python=${PYTHON:-python3}
stamp="$("$python" -VV) $(cksum <requirements.txt)"
if [ -f site/.stamp ] && [ "$(cat site/.stamp)" = "$stamp" ]; then
    exit 0
fi
# Beside, then swapped in: an interrupted run leaves no half-filled folder under the real name.
fresh=$(mktemp -d ./site.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
"$python" -m pip install --quiet --disable-pip-version-check --no-compile \
    --root-user-action ignore --target "$fresh" -r requirements.txt
rm -rf "$fresh/bin" # scripts that name this machine's interpreter
chmod 755 "$fresh"
echo "$stamp" >"$fresh/.stamp"
rm -rf site
mv "$fresh" site
