#!/bin/sh
# make-ca.sh DIR: a throw-away certificate authority in DIR (ca.pem) with a good certificate for this machine's loopback
# names (server.pem), one for a name that is nobody's (remote.pem) and three bad ones (wronghost.pem, selfsigned.pem,
# expired.pem). A second authority stands for a network that inspects TLS: its certificate for the good names alone
# (inspected.pem) and with the authority's own after it (inspectedchain.pem). Each has its NAME.key.
set -eu

dir=${1:?usage: make-ca.sh DIR}
mkdir -p "$dir"
cd "$dir"
names=DNS:localhost,IP:127.0.0.1,IP:::1

quietly() { # shows a command's output only when it fails
    "$@" >openssl.log 2>&1 || { cat openssl.log >&2; exit 1; }
}

new_key() { # extra arguments go to `openssl req`
    quietly openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "$@"
}

authority() { # NAME COMMON_NAME
    new_key -x509 -days 3650 -subj "/CN=$2" -addext basicConstraints=critical,CA:TRUE \
        -addext keyUsage=critical,keyCertSign,cRLSign -keyout "$1.key" -out "$1.pem"
}

leaf() { # NAME SUBJECT_ALT_NAMES AUTHORITY
    new_key -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$2" >"$1.ext"
    quietly openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -days 825 -extfile "$1.ext" \
        -out "$1.pem"
}

# `openssl x509` of OpenSSL 3.0 cannot set a start date in the past; `openssl ca` can.
expired_leaf() {
    new_key -subj /CN=expired -keyout expired.key -out expired.csr
    : >index.txt
    echo 01 >serial
    cat >ca.cnf <<EOF
[ca]
default_ca = throwaway
[throwaway]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = anything
x509_extensions = names
unique_subject = no
[anything]
commonName = supplied
[names]
subjectAltName = $names
EOF
    quietly openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -startdate 200101000000Z \
        -enddate 210101000000Z -in expired.csr -out expired.pem -notext
}

authority ca "Throw-away test CA"
authority inspection "Example Corp Inspection CA"
leaf server "$names" ca
leaf remote DNS:id.keybearer.example ca
leaf wronghost DNS:attacker.example ca
leaf inspected "$names" inspection
cat inspected.pem inspection.pem >inspectedchain.pem
cp inspected.key inspectedchain.key
new_key -x509 -days 825 -subj /CN=selfsigned -addext "subjectAltName=$names" -keyout selfsigned.key -out selfsigned.pem
expired_leaf
rm -f ./*.csr ./*.ext openssl.log
