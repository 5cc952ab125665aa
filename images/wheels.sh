#!/bin/sh
# One build step: makes a wheel of each of our packages below /src, in /wheels.
set -eu
if [ -f /installer/settings ]; then . /installer/settings; fi
export UV_CACHE_DIR=/cache
for each in /src/*/; do /installer/uv build --quiet --wheel --out-dir /wheels "$each"; done
