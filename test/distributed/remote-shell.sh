#!/usr/bin/env bash
# ssh's stand-in for the hosts of hosts.sh: remote-shell.sh [OPTIONS] HOST COMMAND... As with ssh, a shell reads the command, in an
# environment of its own; and it goes on if this client is killed. But what it prints is not cut off with its link.
set -euo pipefail
while [[ ${1:-} == -* ]]; do shift; done
host=$1
shift
hosts=$(dirname "${BASH_SOURCE[0]}")/hosts.sh
exec setsid --fork --wait env -i HOME="$HOME" PATH="$PATH" SHELL=/bin/sh "$hosts" enter "$host" sh -c "$*"
