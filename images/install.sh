#!/bin/sh
# One build step: installs with uv into /opt/venv, under the pins, and takes out what no service opens.
#   [IMPORTS="a b"] [TORCH=cuda] install.sh ARGUMENT…      arguments of `uv pip install`
# IMPORTS are modules of which bytecode is kept, with all that they import: the root file system is read-only later.
# /installer is a build context: uv, `settings` with the host's package sources, its wheel folders, its authorities.
set -eu
if [ -f /installer/settings ]; then . /installer/settings; fi
export UV_CACHE_DIR=/cache UV_LINK_MODE=copy UV_NO_PROGRESS=1
[ -x /opt/venv/bin/python ] || /installer/uv venv --quiet --python "$(command -v python3)" /opt/venv
/installer/uv pip install --quiet --python /opt/venv/bin/python "$@"
cd /opt/venv/lib/python3*/site-packages
find . -depth -type d \( -name tests -o -name test \) -not -path './torch/testing/*' -exec rm -rf {} +
find . -type f \( -name '*.pyi' -o -name '*.pxd' -o -name '*.pyx' \) -delete
rm -rf pyarrow/include pyarrow/src pydeck/nbextension
# On a card kernels are compiled when the model starts (docs/decisions/0007).
if [ "${TORCH:-cpu}" != cuda ]; then
    find . -type f \( -name '*.a' -o -name '*.h' -o -name '*.hpp' -o -name '*.cuh' \) -delete
    rm -rf torch/include torch/share
fi
find torch/bin -type f ! -name torch_shm_manager -delete 2>/dev/null || true
# What a page of text and tables never asks of Arrow.
rm -f pyarrow/libarrow_flight.* pyarrow/_flight.* \
    pyarrow/libarrow_s3.* pyarrow/_s3fs.* pyarrow/libarrow_python.so pyarrow/libarrow_python.so.*.*
# A highlighter knows five hundred languages; what rich shows is Python and JSON.
find pygments/lexers -name '*.py' 2>/dev/null | grep -v -E '/(__init__|_mapping|python|data|special|text|markup|shell|javascript|json5?)\.py$' | xargs -r rm -f
for each in ${IMPORTS:-}; do HOME=/tmp PYTHONDONTWRITEBYTECODE= /opt/venv/bin/python -c "import $each"; done
