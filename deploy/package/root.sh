#!/bin/sh
# Writes the files of the container image: a program, the libraries that it is linked with, a user, licences.
#
#   sh deploy/package/root.sh PROGRAM FOLDER
#
# The libraries are those of this machine, so it is one with the glibc that the image shall have: Debian 12.
set -eu
program=$1
folder=$2

install -D -m 755 "$program" "$folder/usr/bin/antre"
# Each line has one path: `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, `/lib64/ld-linux-x86-64.so.2 (0x…)`.
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 755 "$(realpath "$library")" "$folder$library"
done
install -d -m 755 "$folder/etc"
printf 'root:x:0:0::/:/nologin\nantre:x:10001:10001::/:/nologin\n' >"$folder/etc/passwd"
printf 'root:x:0:\nantre:x:10001:\n' >"$folder/etc/group"
printf 'hosts: files dns\n' >"$folder/etc/nsswitch.conf"
for package in libc6 libgcc-s1; do
    copyright=/usr/share/doc/$package/copyright
    [ ! -e "$copyright" ] || install -D -m 644 "$(realpath "$copyright")" "$folder$copyright"
done
install -D -m 644 "$(dirname "$0")/../../LICENSE" "$folder/usr/share/doc/antre/LICENSE"
