# shellcheck shell=sh
# Downloads with apt without root, into a folder of its own. Other scripts read this file; they have a function `fail`.
# It sets `scratch`, a folder that is removed at the end.

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# Runs a program of apt. It reads the machine's configuration first, which may name a proxy.
apt() {
  tool=apt-$1
  shift
  "$tool" -q -c "$scratch/apt.conf" "$@"
}

# Makes a suite the only one that is known: `deb` for packages or `deb-src` for sources, the keys that sign it, the
# archive, the name of the suite.
look_in() {
  echo "$1 [signed-by=$2] $3 $4 main" >"$scratch/sources.list"
  apt get update >&2
}

# Does the same for a suite of Debian, in the archive that the machine uses.
look_in_debian() {
  look_in "$1" /usr/share/keyrings/debian-archive-keyring.gpg "$mirror" "$2"
}

# To apt, no package is installed here. So it brings all that a package needs, the C library too.
mkdir -p "$scratch/lists/partial" "$scratch/archives/partial"
: >"$scratch/status"
cat >"$scratch/apt.conf" <<END
#clear APT::Update;
#clear APT::Default-Release;
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Debug::NoLocking "true";
Dir::State::status "$scratch/status";
Dir::State::lists "$scratch/lists";
Dir::Cache::archives "$scratch/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
END
mirror=$(apt get update --print-uris | sed -n "s|^'\(.*/debian\)/*/dists/[^/]*/main/.*|\1|p" | head -n 1)
[ -n "$mirror" ] || fail "found no mirror of Debian among the sources of apt"
cat >>"$scratch/apt.conf" <<END
Dir::Etc::sourcelist "$scratch/sources.list";
Dir::Etc::sourceparts "/dev/null";
END
