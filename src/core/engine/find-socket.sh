# Runs on the other machine, read from standard input: says which socket of an engine is there, then waits until its input
# ends, so that it ends with whoever asked. `$place` is put before it: the socket that the address names, or nothing.

offer() {
  case $1 in /*) ;; *) return 0 ;; esac
  if [ ! -S "$1" ]; then
    echo "pypackage: absent $1"
  elif [ ! -w "$1" ]; then
    echo "pypackage: denied $1"
  else
    echo "pypackage: socket $1"
    exec cat > /dev/null
  fi
}

if [ -n "$place" ]; then
  offer "$place"
else
  if [ -n "${DOCKER_HOST-}" ]; then
    case $DOCKER_HOST in unix://*) offer "${DOCKER_HOST#unix://}" ;; esac
  elif command -v docker > /dev/null 2>&1; then
    host=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2> /dev/null < /dev/null)
    case $host in unix://*) offer "${host#unix://}" ;; esac
  fi
  runtime=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
  offer /var/run/docker.sock
  offer "$runtime/docker.sock"
  offer /run/podman/podman.sock
  offer "$runtime/podman/podman.sock"
fi
echo "pypackage: none"
exec cat > /dev/null
