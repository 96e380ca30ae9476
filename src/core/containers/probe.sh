# Says what a base image is: one `key=value` a line. Runs in a container of it, before anything is built on it.
if command -v python3 >/dev/null 2>&1; then
  python3 -c 'import sys; print("python=%d.%d.%d" % sys.version_info[:3]); print("prefix=" + sys.base_prefix)'
  python3 -c 'import os, platform; print("machine=" + platform.machine()); print("glibc=" + os.confstr("CS_GNU_LIBC_VERSION").split()[-1])'
fi
if [ -r /etc/os-release ]; then
  . /etc/os-release
  echo "id=${ID:-}"
  echo "like=${ID_LIKE:-}"
  echo "release=${VERSION_ID:-}"
  echo "name=${PRETTY_NAME:-}"
fi
if command -v rustc >/dev/null 2>&1; then rustc --version | sed 's/^rustc \([0-9.]*\).*/rust=\1/'; fi
if command -v apt-get >/dev/null 2>&1; then echo apt=yes; fi
if command -v useradd >/dev/null 2>&1; then echo useradd=yes; fi
