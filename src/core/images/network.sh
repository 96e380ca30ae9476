# Sourced by RUN instructions: points the tools at the host's certificate authority, proxies and package indexes, which are mounted
# as secrets while the step runs. Where there are none it does nothing.
ca=/run/secrets/pypackage-ca
# pip says of an index that it could not ask, such as one that refuses a login, in its log only.
export PIP_LOG=/tmp/pypackage-pip.log
trap 'grep -hs "Could not fetch URL" "$PIP_LOG" | grep -v "404 Client Error" >&2; rm -f "$PIP_LOG" /tmp/pypackage-apt.conf' EXIT
if [ -s "$ca" ]; then
  export PIP_CERT="$ca" SSL_CERT_FILE="$ca" REQUESTS_CA_BUNDLE="$ca" CURL_CA_BUNDLE="$ca" GIT_SSL_CAINFO="$ca" CARGO_HTTP_CAINFO="$ca"
  export NODE_EXTRA_CA_CERTS="$ca" npm_config_cafile="$ca"
  printf 'Acquire::https::CAInfo "%s";\n' "$ca" > /tmp/pypackage-apt.conf
  export APT_CONFIG=/tmp/pypackage-apt.conf
fi
if [ -s /run/secrets/pypackage-proxies ]; then . /run/secrets/pypackage-proxies; fi
if [ -s /run/secrets/pypackage-netrc ]; then export NETRC=/run/secrets/pypackage-netrc; fi
if [ -s /run/secrets/pypackage-client-cert ]; then export PIP_CLIENT_CERT=/run/secrets/pypackage-client-cert; fi
if [ -s /run/secrets/pypackage-pip-conf ]; then export PIP_CONFIG_FILE=/run/secrets/pypackage-pip-conf; fi
if [ -s /run/secrets/pypackage-indexes ]; then python3 /run/secrets/pypackage-index-front /run/secrets/pypackage-indexes; fi
