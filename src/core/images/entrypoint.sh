#!/bin/sh
# Runs the command as it was given: each word arrives as it was typed, and the command becomes process 1's child or itself.
set -eu
if [ "$#" -eq 0 ]; then set -- python; fi
exec "$@"
