#!/usr/bin/env bash
# Downloads a release, checks its sum, and prints the folder that then holds the binary `wsgauntlet`.
#   VERSION   such as 0.1.0
#   RELEASES  where releases are: $RELEASES/v$VERSION holds the archives and SHA256SUMS
#   DIR       where to unpack; what is there already is used
set -euo pipefail
: "${VERSION:?which version}" "${RELEASES:?the address of the releases}" "${DIR:?the folder to unpack into}"
case $(uname -s)-$(uname -m) in
  Linux-x86_64) target=x86_64-unknown-linux-musl ;;
  Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  MINGW*-x86_64 | MSYS*-x86_64) target=x86_64-pc-windows-msvc ;;
  *) echo "there is no release for $(uname -s) on $(uname -m): cargo install wsgauntlet" >&2 && exit 1 ;;
esac
name=wsgauntlet-$VERSION-$target
if [ ! -d "$DIR/$name" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  for file in "$name.tar.gz" SHA256SUMS; do
    curl --fail --silent --show-error --location --retry 3 --output "$work/$file" "$RELEASES/v$VERSION/$file"
  done
  sum=sha256sum
  command -v "$sum" >/dev/null || sum='shasum -a 256'
  # A sum that is not listed fails, like one that is wrong.
  (cd "$work" && grep " $name.tar.gz\$" SHA256SUMS >sum && $sum -c sum) >&2
  tar -xzf "$work/$name.tar.gz" -C "$work"
  mkdir -p "$DIR"
  mv "$work/$name" "$DIR/$name"
fi
echo "$DIR/$name"
