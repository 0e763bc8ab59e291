#!/bin/sh
# Builds the Debian package from what `npm run build` has made: sh src/packaging/debian.sh [DIRECTORY]. Prints its path.
# The same tree gives the same bytes. It needs dpkg-deb and no debhelper.
set -eu
cd "$(dirname "$0")/../.."
target=${1:-dist}
for made in dist/main.js dist/native/holdfast.node dist/native/holdfast-guardian; do
  [ -e "$made" ] || { echo "there is no $made: npm run build" >&2; exit 1; }
done
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
architecture=$(dpkg --print-architecture)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

library=$root/usr/lib/holdfast
documents=$root/usr/share/doc/holdfast
mkdir -p "$library/dist" "$root/usr/sbin" "$root/usr/lib/nagios/plugins" "$root/lib/systemd/system" "$root/usr/lib/modules-load.d" "$root/etc/default" "$root/etc/keepalived" "$documents" "$root/DEBIAN"
cp package.json "$library/"
cp -r dist/main.js dist/chunks dist/native "$library/dist/"
cp dist/dashboard.html "$library/dist/"
chmod 755 "$library/dist/main.js" "$library/dist/native/holdfast-guardian"
ln -s ../lib/holdfast/dist/main.js "$root/usr/sbin/holdfast"
# The same program: under this name it is `holdfast monitor`.
ln -s ../../holdfast/dist/main.js "$root/usr/lib/nagios/plugins/check_holdfast"
cp examples/systemd/*.service examples/systemd/*.socket "$root/lib/systemd/system/"
echo ip_vs > "$root/usr/lib/modules-load.d/holdfast.conf"
cp src/packaging/debian/default "$root/etc/default/holdfast"
cp -r README.md CHANGELOG.md examples "$documents/"
cp LICENSE "$documents/copyright"
for script in postinst prerm postrm; do install -m 755 "src/packaging/debian/$script" "$root/DEBIAN/$script"; done
echo /etc/default/holdfast > "$root/DEBIAN/conffiles"
size=$(du -sk --exclude=DEBIAN "$root" | cut -f1)
sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/" src/packaging/debian/control > "$root/DEBIAN/control"
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f ! -perm /100 -exec chmod 644 {} +

# The time of the last change of what is in it.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$target"
package=$target/holdfast_${version}_${architecture}.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$package" > /dev/null
echo "$package"
