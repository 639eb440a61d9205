# shellcheck shell=bash
# What every step of the build shares: lists, names and the cache.

image=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
top=$(dirname "$image")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sps-kiosk/image

# words FILE… prints the entries of lists without their comments.
words() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"; }

# say tells what is being done, with the seconds since the start.
say() { printf '%4d s  %s\n' "$SECONDS" "$*" >&2; }

# once FILE COMMAND… runs a command that writes the file it is given last; a build that is cut off leaves no half file.
once() {
  local file=$1
  shift
  [ -e "$file" ] && return 0
  "$@" "$file.new"
  mv "$file.new" "$file"
}

# digest prints a short name for what comes on standard input.
digest() { sha256sum | cut -c1-16; }
