#!/bin/sh
# Builds the image for real, runs it, and asks its health probes: npm run image:test, after npm run build. It needs root, a package mirror of
# Debian and two or three minutes; no registry of images: the base is a bare Debian with the node of this machine, which stands for the
# recipe's own. Everything is kept in a directory of its own, which is removed.
set -eu
cd "$(dirname "$0")/../.."
missing=''
for package in buildah podman crun mmdebstrap iproute2 curl; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; }

# crun takes no machine that mounts both versions of control groups: here it sees one.
if [ -z "${IMAGE_MOUNTS:-}" ]; then IMAGE_MOUNTS=own exec unshare --mount --propagation private sh test/packaging/image.sh; fi
umount /sys/fs/cgroup/unified 2>/dev/null || true

folder=$(mktemp -d /tmp/holdfast-image-XXXXXX)
namespace=$(basename "$folder")
keep="--storage-driver vfs --root $folder/store --runroot $folder/run"
finish() {
  podman $keep rm -f -t 5 director >/dev/null 2>&1 || true
  ip netns del "$namespace" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
fail() { echo "image: $*" >&2; podman $keep logs director >&2 2>/dev/null || true; exit 1; }
# Waits until the command after the words says yes.
await() { what=$1; shift; i=0; until "$@" >/dev/null 2>&1; do i=$((i + 1)); [ "$i" -lt 60 ] || fail "not within a minute: $what"; sleep 1; done; echo "image: $what"; }

echo 'image: a base of this machine'
mmdebstrap --quiet --variant=apt --include=ca-certificates,libstdc++6 bookworm "$folder/base.tar"
base=$(buildah $keep from scratch)
buildah $keep add -q "$base" "$folder/base.tar" / >/dev/null
buildah $keep copy -q "$base" "$(readlink -f "$(command -v node)")" /usr/local/bin/node >/dev/null
buildah $keep commit -q --rm "$base" holdfast-base >/dev/null
rm "$folder/base.tar"

echo 'image: the recipe'
mkdir -p "$folder/context/dist"
sh src/packaging/debian.sh "$folder/context/dist" >/dev/null
buildah $keep bud -q --format docker --isolation chroot --network host --build-arg BASE=localhost/holdfast-base \
  -t holdfast -f "$PWD/src/packaging/Containerfile" "$folder/context" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
podman $keep inspect holdfast | grep -q '"holdfast",' || fail 'the image has no probe'

ip netns add "$namespace"
ip -n "$namespace" link set lo up
ip -n "$namespace" link add eth0 type veth peer name eth1
for link in eth0 eth1; do ip -n "$namespace" link set "$link" up; done
ip -n "$namespace" address add 10.9.9.1/24 dev eth0
mkdir -p "$folder/etc" "$folder/shared"
cat >"$folder/etc/keepalived.conf" <<'END'
vrrp_instance V1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 200
  virtual_ipaddress {
    10.9.9.100
  }
}
END
# As the recipe says, but for the network; control groups are not everywhere.
podman $keep --runtime crun --cgroup-manager cgroupfs run -d -q --name director --cgroups=disabled --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --network="ns:/run/netns/$namespace" \
  --cap-drop=all --cap-add=NET_ADMIN --cap-add=NET_RAW --cap-add=SETUID --cap-add=SETGID --cap-add=KILL --cap-add=CHOWN \
  --volume "$folder/etc:/etc/keepalived:ro" --volume "$folder/shared:/run/holdfast" localhost/holdfast >/dev/null

inside() { podman $keep --runtime crun exec director "$@"; }
probe() { curl -s -o /dev/null -w '%{http_code}' --unix-socket "$folder/shared/control.sock" "http://localhost/$1"; }
held() { ip -n "$namespace" -o address show dev eth0 | grep -q '10\.9\.9\.100'; }
ready() { [ "$(probe readyz)" = 200 ]; }
await 'the address is set from inside the container' held
await 'ready: it is on the link' ready
inside holdfast health live >/dev/null || fail 'holdfast health live inside the container'
inside holdfast health ready >/dev/null || fail 'holdfast health ready inside the container'
podman $keep --runtime crun healthcheck run director >/dev/null || fail 'the probe of the recipe'
[ "$(probe livez)" = 200 ] || fail 'livez'

# It would be put back at once: the VRRP process is held still meanwhile.
taken() {
  inside sh -c 'kill -STOP "$(cat /run/vrrp.pid)"; ip address del 10.9.9.100/32 dev eth0; holdfast health ready; kill -CONT "$(cat /run/vrrp.pid)"' 2>&1 |
    grep 'V1 is MASTER and 10.9.9.100 is not on eth0'
}
await 'not ready: the address was taken off the link' taken
await 'ready again: the daemon has put it back' ready
held || fail 'the address is not there'
podman $keep --runtime crun stop -t 20 director >/dev/null
[ "$(podman $keep inspect -f '{{.State.ExitCode}}' director)" = 0 ] || fail 'it did not end in order'
if held; then fail 'the address was left'; fi
echo 'image: stopped in order, nothing is left'
