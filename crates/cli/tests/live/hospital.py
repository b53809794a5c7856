"""A small hospital network of real programs, in network namespaces of its own.

    hospital.py up   NAME DIR     makes the namespaces NAME-* and the servers in them
    hospital.py talk NAME DIR     lets every client speak once
    hospital.py down NAME         removes all of it

One bridge floods every frame to every port, as a mirror port would see it. What listens does so in NAME-ear, on `mirror`; that
namespace also has a second, separate way (`way`, 10.79.0.2) to NAME-srv (10.79.0.1), where a server may run. Needs root, iproute2,
DCMTK, ISC dhcpd and dhclient, lldpd, Net-SNMP, and the Python module sdc11073. Identities are made up; nothing leaves the namespaces.
"""

import os
import signal
import subprocess
import sys
import time

# Namespace, card, address (None: by DHCP). The DHCP server's and the switch's cards are devices too.
CLIENTS = [
    ("ct", "00:0e:a5:78:00:11", "10.78.0.11"),
    ("pacs", "00:50:56:78:00:20", "10.78.0.20"),
    ("pump", "00:03:b1:78:00:30", None),
    ("monitor", "00:09:5c:78:00:40", "10.78.0.40"),
    ("station", "d8:9e:f3:78:00:50", "10.78.0.50"),
    ("switch", "00:1b:54:78:00:60", "10.78.0.60"),
    ("ups", "00:c0:b7:78:00:70", "10.78.0.70"),
    ("dhcp", "00:50:56:78:00:01", "10.78.0.1"),
]

IMAGE = """
(0008,0016) UI =CTImageStorage
(0008,0018) UI [1.2.276.0.7230010.3.1.4.78.1]
(0008,0060) CS [CT]
(0008,0070) LO [SIEMENS]
(0008,1010) SH [CT78001]
(0008,1090) LO [SOMATOM go.Top]
(0010,0010) PN [PHANTOM^LIVE]
(0010,0020) LO [PH7801]
(0018,1000) LO [78001]
(0018,1020) LO [syngo CT VA48A]
(0020,000d) UI [1.2.276.0.7230010.3.1.2.78.1]
(0020,000e) UI [1.2.276.0.7230010.3.1.3.78.1]
(0028,0002) US 1
(0028,0010) US 2
(0028,0011) US 2
(0028,0100) US 8
(7fe0,0010) OB 01\\02\\03\\04
"""

MDIB = b"""<?xml version="1.0" encoding="UTF-8"?>
<msg:GetMdibResponse xmlns:msg="http://standards.ieee.org/downloads/11073/11073-10207-2017/message"
    xmlns:pm="http://standards.ieee.org/downloads/11073/11073-10207-2017/participant"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" SequenceId="urn:uuid:78000000-0000-4000-8000-000000000040">
  <msg:Mdib MdibVersion="1" SequenceId="urn:uuid:78000000-0000-4000-8000-000000000040">
    <pm:MdDescription DescriptionVersion="1">
      <pm:Mds Handle="mds0" DescriptorVersion="0" SafetyClassification="MedA">
        <pm:Type Code="69965"/>
        <pm:MetaData>
          <pm:Manufacturer Lang="en-US">Example Medical</pm:Manufacturer>
          <pm:ModelName Lang="en-US">Vigil 7</pm:ModelName>
          <pm:SerialNumber>VG-78040</pm:SerialNumber>
        </pm:MetaData>
        <pm:SystemContext Handle="sc.mds0"><pm:PatientContext Handle="pc.mds0"/><pm:LocationContext Handle="lc.mds0"/></pm:SystemContext>
      </pm:Mds>
    </pm:MdDescription>
    <pm:MdState StateVersion="0">
      <pm:State xsi:type="pm:MdsState" DescriptorHandle="mds0" StateVersion="0" Lang="en-US"/>
      <pm:State xsi:type="pm:SystemContextState" DescriptorHandle="sc.mds0" StateVersion="0"/>
    </pm:MdState>
  </msg:Mdib>
</msg:GetMdibResponse>
"""


def run(*command, check=True, **more):
    return subprocess.run(command, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)


def inside(name, who, *command, check=True, **more):
    return run("ip", "netns", "exec", f"{name}-{who}", *command, check=check, **more)


def daemon(name, who, log, *command, cwd=None):
    """Starts a program that stays, with its output in a file."""
    with open(log, "ab") as out:
        subprocess.Popen(
            ["ip", "netns", "exec", f"{name}-{who}", *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=cwd,
            start_new_session=True,
        )


def cable(name):
    """The namespaces, and the bridge between them."""
    for who in [who for who, _, _ in CLIENTS] + ["net", "ear", "srv"]:
        run("ip", "netns", "add", f"{name}-{who}")
        inside(name, who, "ip", "link", "set", "lo", "up")
        inside(name, who, "sysctl", "-q", "-w", "net.ipv6.conf.default.accept_dad=0", check=False)
        if who in ("net", "ear"):
            # The cable and the ear have nothing to say.
            inside(name, who, "sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1", check=False)
    # Nothing is ever learned, so every frame goes to every port.
    inside(name, "net", "ip", "link", "add", "name", "hub", "type", "bridge", "ageing_time", "0", "stp_state", "0")
    inside(name, "net", "ip", "link", "set", "hub", "type", "bridge", "mcast_snooping", "0")
    # LLDP is meant for the next switch only; here it must reach the ear, as on a mirror port.
    with open(os.devnull, "wb") as nowhere:
        subprocess.run(
            ["ip", "netns", "exec", f"{name}-net", "sh", "-c", "echo 16384 > /sys/class/net/hub/bridge/group_fwd_mask"],
            check=True,
            stderr=nowhere,
        )
    inside(name, "net", "ip", "link", "set", "hub", "up")
    for who, card, address in CLIENTS + [("ear", None, None)]:
        port = "mirror" if who == "ear" else "eth0"
        run("ip", "link", "add", port, "netns", f"{name}-{who}", "type", "veth", "peer", "name", who, "netns", f"{name}-net")
        if card:
            inside(name, who, "ip", "link", "set", port, "address", card)
        inside(name, "net", "ip", "link", "set", who, "master", "hub")
        inside(name, "net", "ip", "link", "set", who, "up")
        inside(name, who, "ip", "link", "set", port, "up")
        if address:
            inside(name, who, "ip", "address", "add", f"{address}/24", "dev", port)
        if who != "ear":
            # Multicast needs a way out.
            inside(name, who, "ip", "route", "add", "224.0.0.0/4", "dev", port, check=False)
    run("ip", "link", "add", "way", "netns", f"{name}-ear", "type", "veth", "peer", "name", "way", "netns", f"{name}-srv")
    for who, address in [("srv", "10.79.0.1/24"), ("ear", "10.79.0.2/24")]:
        inside(name, who, "ip", "address", "add", address, "dev", "way")
        inside(name, who, "ip", "link", "set", "way", "up")


def write(folder, file, text, mode=0o644):
    path = os.path.join(folder, file)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    os.chmod(path, mode)
    return path


def up(name, folder):
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o755)
    cable(name)
    log = os.path.join(folder, "programs.log")

    write(folder, "image.dump", IMAGE)
    run("dump2dcm", os.path.join(folder, "image.dump"), os.path.join(folder, "image.dcm"))
    os.makedirs(os.path.join(folder, "received"), exist_ok=True)
    daemon(name, "pacs", log, "storescp", "-aet", "ARCHIVE78", "-od", os.path.join(folder, "received"), "11112")

    leases = write(folder, "dhcpd.leases", "")
    configuration = write(
        folder,
        "dhcpd.conf",
        "default-lease-time 600;\nauthoritative;\nsubnet 10.78.0.0 netmask 255.255.255.0 { range 10.78.0.130 10.78.0.139; }\n",
    )
    daemon(
        name, "dhcp", log, "dhcpd", "-4", "-f", "-q", "-cf", configuration, "-lf", leases,
        "-pf", os.path.join(folder, "dhcpd.pid"), "--no-pid", "eth0",
    )  # fmt: skip

    snmp = write(
        folder,
        "snmpd.conf",
        "agentaddress udp:10.78.0.70:161\nrocommunity watch\nsysDescr Example Power UPS 3000 firmware 2.4.1\n"
        "sysName ups-or-3\nsysLocation OR corridor, closet 3\n",
    )
    daemon(name, "ups", log, "snmpd", "-f", "-Lo", "-C", "-c", snmp, "-p", os.path.join(folder, "snmpd.pid"))

    socket = os.path.join(folder, "lldpd.socket")
    daemon(
        name, "switch", log, "lldpd", "-d", "-u", socket, "-I", "eth0", "-M", "2", "-S",
        "Example Networks ward switch 24p, software 5.1.2", "-P", "ward-switch", "-L", "/bin/true",
    )  # fmt: skip

    write(folder, "monitor.py", MONITOR)
    write(folder, "mdib.xml", MDIB.decode())
    daemon(name, "monitor", log, sys.executable, os.path.join(folder, "monitor.py"), folder)
    write(folder, "station.py", STATION)

    write(
        folder,
        "lease.sh",
        '#!/bin/sh\n[ -z "$new_ip_address" ] || ip address replace "$new_ip_address/24" dev "$interface"\nexit 0\n',
        0o755,
    )
    write(
        folder,
        "dhclient.conf",
        'send host-name "PUMP-78030";\nsend vendor-class-identifier "Example Infusion 8015 v9.33";\nrequest subnet-mask, routers;\n',
    )
    time.sleep(3)
    # It waits to be told that its configuration is whole.
    inside(name, "switch", "lldpcli", "-u", socket, "resume", timeout=20)


MONITOR = '''"""An IEEE 11073 SDC provider: a patient monitor without a patient."""
import sys, time, uuid
from sdc11073.mdib import ProviderMdib
from sdc11073.provider import SdcProvider
from sdc11073.wsdiscovery import WSDiscovery
from sdc11073.location import SdcLocation
from sdc11073.xml_types.dpws_types import ThisDeviceType, ThisModelType

folder = sys.argv[1]
with open(folder + "/mdib.xml", "rb") as file:
    mdib = ProviderMdib.from_string(file.read())
discovery = WSDiscovery("10.78.0.40")
discovery.start()
model = ThisModelType(manufacturer="Example Medical", manufacturer_url="http://example.invalid", model_name="Vigil 7", model_number="V7-2", model_url="http://example.invalid", presentation_url="http://example.invalid")
device = ThisDeviceType(friendly_name="Vigil", firmware_version="7.2.1", serial_number="VG-78040")
provider = SdcProvider(discovery, model, device, mdib, epr=uuid.UUID("78000000-0000-4000-8000-000000000041"))
provider.start_all(start_rtsample_loop=False)
provider.set_location(SdcLocation(fac="LAB", poc="ICU", bed="Bed78"))
provider.publish()
while True:
    time.sleep(1)
'''

STATION = '''"""An SDC consumer: finds the monitor and asks what it is."""
import sys
from sdc11073.consumer.consumerimpl import SdcConsumer
from sdc11073.definitions_sdc import SdcV1Definitions
from sdc11073.wsdiscovery import WSDiscovery

discovery = WSDiscovery("10.78.0.50")
discovery.start()
try:
    found = discovery.search_services(types=SdcV1Definitions.MedicalDeviceTypesFilter, timeout=4)
    if not found:
        sys.exit("no SDC device answered")
    consumer = SdcConsumer.from_wsd_service(found[0], ssl_context_container=None)
    consumer.start_all()
    consumer.stop_all()
finally:
    discovery.stop()
'''


def talk(name, folder):
    """Every client speaks once; what fails is said by name."""
    image = os.path.join(folder, "image.dcm")
    pid = os.path.join(folder, "dhclient.pid")
    lease = os.path.join(folder, "dhclient.leases")
    said = {
        "CT image": inside(name, "ct", "storescu", "-aet", "CT78", "-aec", "ARCHIVE78", "10.78.0.20", "11112", image, check=False),
        "DHCP": inside(
            name, "pump", "dhclient", "-4", "-1", "-cf", os.path.join(folder, "dhclient.conf"), "-sf",
            os.path.join(folder, "lease.sh"), "-pf", pid, "-lf", lease, "eth0", check=False, timeout=60,
        ),  # fmt: skip
        "SNMP": inside(
            name, "station", "snmpget", "-v2c", "-c", "watch", "-t", "2", "-r", "2", "10.78.0.70",
            ".1.3.6.1.2.1.1.1.0", ".1.3.6.1.2.1.1.5.0", ".1.3.6.1.2.1.1.6.0", check=False,
        ),  # fmt: skip
        "SDC": inside(name, "station", sys.executable, os.path.join(folder, "station.py"), check=False, timeout=60),
    }
    socket = os.path.join(folder, "lldpd.socket")
    said["LLDP"] = inside(name, "switch", "lldpcli", "-u", socket, "update", check=False, timeout=20)
    # dhclient stays for the renewal; nobody waits for that here.
    if os.path.exists(pid):
        with open(pid, encoding="utf-8") as file:
            try:
                os.kill(int(file.read()), signal.SIGTERM)
            except (ProcessLookupError, ValueError):
                pass
        os.remove(pid)
    time.sleep(0.5)
    failed = {what: done.stderr.decode(errors="replace")[-600:] for what, done in said.items() if done.returncode != 0}
    for what, why in failed.items():
        print(f"{what}: {why}", file=sys.stderr)
    return 1 if failed else 0


def down(name):
    listed = subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True).stdout
    for line in listed.splitlines():
        space = line.split()[0]
        if not space.startswith(f"{name}-"):
            continue
        pids = subprocess.run(["ip", "netns", "pids", space], check=False, capture_output=True, text=True).stdout
        for pid in pids.split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        run("ip", "netns", "delete", space, check=False)


def main():
    what, name = sys.argv[1], sys.argv[2]
    if what == "up":
        up(name, sys.argv[3])
    elif what == "talk":
        sys.exit(talk(name, sys.argv[3]))
    elif what == "down":
        down(name)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
