#!/bin/sh
# Makes link.pcap anew: a made-up device and a made-up switch, each in a network namespace, speak LLDP with LLDP-MED (lldpd), router and
# neighbour discovery (Linux, dnsmasq), DHCP and DHCP for IPv6 (ISC dhclient, dnsmasq). Run as root, in an empty folder:
#   sh link.sh
set -u
device() { ip netns exec tallyward-device "$@"; }
switch() { ip netns exec tallyward-switch "$@"; }

ip netns add tallyward-device
ip netns add tallyward-switch
ip link add port0 netns tallyward-device type veth peer name port1 netns tallyward-switch
device ip link set port0 address 00:03:b1:0a:0b:0c
switch ip link set port1 address 00:50:56:aa:bb:cc
switch ip link set lo up
device ip link set lo up
switch ip link set port1 up
ip netns exec tallyward-switch tcpdump -i port1 -Z root -w "$PWD/link.pcap" -U &
dump=$!
sleep 1
device ip link set port0 up
switch ip addr add fd00:77::1/64 dev port1
switch ip addr add 10.78.0.1/24 dev port1
sleep 2
ip netns exec tallyward-switch dnsmasq -k -i port1 --bind-interfaces --port=0 --dhcp-range=10.78.0.50,10.78.0.60,1h \
    --dhcp-range=fd00:77::50,fd00:77::60,64,1h --enable-ra --leasefile-ro --pid-file= --user=root &
served=$!
ip netns exec tallyward-device unshare --uts sh -c "hostname pump-gw-7; exec lldpd -d -M 1 -u '$PWD/device.sock' -I port0 -S 'Infusion pump gateway 7'" &
first=$!
ip netns exec tallyward-switch unshare --uts sh -c "hostname sw-north-3; exec lldpd -d -M 4 -u '$PWD/switch.sock' -I port1 -S 'Lab switch 8'" &
second=$!
sleep 3
tell() { lldpcli -u "$PWD/device.sock" "$@"; }
tell configure inventory hardware-revision "rev C"
tell configure inventory firmware-revision "1.2"
tell configure inventory software-revision "4.5.6"
tell configure inventory serial-number "SN-4711"
tell configure inventory manufacturer "ACME Medical"
tell configure inventory model "PG-100"
tell configure inventory asset "BME-0815"
tell configure med location address country CH city Bern building North floor 3 room 17
tell update
cat > dhclient.conf <<X
send fqdn.fqdn "pump-gw-7";
send host-name "pump-gw-7";
send user-class "pumps";
send vendor-class-identifier "ACME PG-100";
X
device timeout 12 dhclient -d -1 -6 -cf dhclient.conf -lf "$PWD/leases6" -pf "$PWD/pid6" -sf /bin/true port0
device timeout 8 dhclient -d -1 -4 -cf dhclient.conf -lf "$PWD/leases4" -pf "$PWD/pid4" -sf /bin/true port0
device ping -c1 -W1 fd00:77::1
tell update
sleep 3
kill "$dump" "$served" "$first" "$second"
sleep 1
ip netns del tallyward-device
ip netns del tallyward-switch
