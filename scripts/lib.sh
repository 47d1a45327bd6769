# Sourced by the other scripts: saying what is wrong, and installing Debian packages where that is allowed.
# shellcheck shell=bash

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# Runs a command as root: directly, or through sudo where that asks for no password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

can_install() {
  command -v apt-get >/dev/null || return 1
  [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}

# install_debian PACKAGE… fails when it may not install or the installation fails.
install_debian() {
  can_install || return 1
  say "installing Debian packages: $*"
  as_root apt-get -q -o DPkg::Lock::Timeout=600 update >&2 || say "apt-get update failed, trying with the lists at hand"
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=600 install --no-install-recommends "$@" >&2
}

# Node.js and npm, installed when they are missing.
need_node() {
  if command -v node >/dev/null && command -v npm >/dev/null; then return; fi
  install_debian nodejs npm || true
  if command -v node >/dev/null && command -v npm >/dev/null; then return; fi
  die "node and npm are missing and cannot be installed here: install the Debian packages nodejs and npm, or put both on PATH"
}

# Says what is left out where a tool is missing; in CI, which must not pass without having looked, it ends.
without() {
  [ -z "${CI:-}" ] || die "$*"
  say "$*"
}

has_page_tools() {
  command -v pdftotext >/dev/null && command -v pdfinfo >/dev/null && command -v pdftoppm >/dev/null
}

# What looks at printed pages; without it the tests pass over the pages and say so.
need_page_tools() {
  if has_page_tools; then return; fi
  install_debian poppler-utils || true
  has_page_tools || without "pdftotext, pdfinfo or pdftoppm is missing: printed pages are not looked at; install the Debian package poppler-utils"
}

# clamd, installed when it is missing; the tests go on without it, and say what they leave out.
need_clamd() {
  if [ -x /usr/sbin/clamd ] || command -v clamd >/dev/null; then return; fi
  install_debian clamav-daemon || true
  if [ -x /usr/sbin/clamd ] || command -v clamd >/dev/null; then return; fi
  without "clamd is missing and cannot be installed here (Debian package clamav-daemon): NOT TESTED with a real scanner"
}

# Chromium, installed when it is missing; without it the tests pass over the pages in the browser and say so.
need_chromium() {
  if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then return; fi
  install_debian chromium || true
  command -v chromium >/dev/null || without "chromium is missing and cannot be installed here: NOT TESTED in a browser"
}

# Python 3, installed when it is missing.
need_python() {
  if command -v python3 >/dev/null; then return; fi
  install_debian python3 || true
  if command -v python3 >/dev/null; then return; fi
  die "python3 is missing and cannot be installed here: install the Debian package python3, or put it on PATH"
}
