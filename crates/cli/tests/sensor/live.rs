//! Captures the same way as an interface, a server that is away, and live over a pair of interfaces between
//! network namespaces. The live test takes root, `ip` and `tcpreplay`; without them it says so and is skipped, and fails where
//! `TALLYWARD_REQUIRE_PEERS=1`.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tallyward_lab::Plan;

fn tallyward(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tallyward"));
    command.args(arguments);
    command
}

fn done(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// A running program that is killed with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Asks it to end, as systemd does.
    fn end(mut self) {
        self.signal("-TERM");
        let began = now();
        while self.0.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < Duration::from_secs(30), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a test waits for programs by the machine's own clock")]
fn now() -> Instant {
    Instant::now()
}

/// Waits until something is so.
fn until(what: &str, seconds: u64, so: impl Fn() -> bool) {
    let began = now();
    while !so() {
        assert!(began.elapsed() < Duration::from_secs(seconds), "{what} did not come to pass in {seconds} s");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// An installation with one sensor registered.
struct House {
    folder: tempfile::TempDir,
    port: u16,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let house = Self { folder, port };
        let token = done(house.command(&["sensors", "add", "ED-1", "--site", "Emergency"]).output().unwrap());
        fs::write(house.path("token"), token).unwrap();
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = tallyward(arguments);
        command.arg("--data").arg(self.path("data"));
        command
    }

    fn serve(&self) -> Running {
        let listen = format!("127.0.0.1:{}", self.port);
        let mut command = self.command(&["serve", "--listen", &listen]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let running = Running(child);
        until("the console", 20, || std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok());
        running
    }

    fn sensor(&self, arguments: &[&str]) -> Command {
        let to = format!("http://127.0.0.1:{}", self.port);
        let mut command = tallyward(&["sensor", "--name", "ED-1", "--to", &to, "--every", "1"]);
        command.arg("--token-file").arg(self.path("token")).arg("--spool").arg(self.path("spool"));
        command.args(arguments);
        command
    }

    fn state(&self) -> serde_json::Value {
        let text = fs::read_to_string(self.path("spool/state.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Handles and cards of the devices, while nobody serves.
    fn devices(&self) -> (usize, BTreeSet<String>) {
        let out = self.path("devices.csv");
        let out = out.to_str().unwrap();
        let csv = done(self.command(&["export", "devices"]).output().unwrap());
        fs::write(out, &csv).unwrap();
        let mut reader = csv::Reader::from_path(out).unwrap();
        let heads = reader.headers().unwrap().clone();
        let at =
            heads.iter().position(|name| name.to_lowercase().contains("mac")).expect("a column of cards");
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let cards: Vec<String> =
            rows.iter().map(|row| row[at].to_owned()).filter(|card| !card.is_empty()).collect();
        let each: BTreeSet<String> = cards.iter().cloned().collect();
        assert_eq!(cards.len(), each.len(), "a card belongs to one device");
        (rows.len(), each)
    }
}

fn capture(folder: &Path, devices: usize) -> PathBuf {
    let path = folder.join("lab.pcapng");
    let plan = Plan { devices, ..Plan::default() };
    fs::write(&path, tallyward_lab::build(&plan).capture()).unwrap();
    path
}

#[test]
fn a_server_that_was_away_gets_everything_once() {
    let house = House::new();
    let capture = capture(house.folder.path(), 40);
    let file = capture.to_str().unwrap();
    let away = house.sensor(&["--read", file]).output().unwrap();
    assert_eq!(away.status.code(), Some(4), "{}", String::from_utf8_lossy(&away.stderr));
    assert!(house.state()["health"]["spooled"].as_u64().unwrap() > 0);
    let status = house.sensor(&["--status"]).output().unwrap();
    assert_eq!(status.status.code(), Some(1), "a sensor that cannot deliver needs somebody");
    // A torn file of a crash lies about; then the server is back, and the sensor starts anew.
    fs::write(house.path("spool/0000000000000099.batch.gz.half"), b"torn").unwrap();
    fs::write(house.path("spool/0000000000000000.batch.gz"), b"\x1f\x8bdamaged").unwrap();
    let server = house.serve();
    done(house.sensor(&["--read", file]).output().unwrap());
    let state = house.state();
    assert_eq!((&state["health"]["spooled"], &state["health"]["refused"]), (&0.into(), &1.into()), "{state}");
    server.end();
    // The same as a capture taken in by itself.
    let other = House::new();
    done(other.command(&["import", "capture", "--sensor", "ED-1", file]).output().unwrap());
    assert_eq!(house.devices(), other.devices());
    let listed = done(house.command(&["sensors", "list", "--json"]).output().unwrap());
    assert!(listed.contains("\"batches\":"), "{listed}");
}

/// Two interfaces, one in each of two network namespaces: what is sent into the first comes out of the second and nothing else does.
struct Wire {
    name: String,
}

fn ip(arguments: &str) -> bool {
    let status = Command::new("ip").args(arguments.split(' ')).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

impl Wire {
    fn new() -> Result<Self, &'static str> {
        for peer in ["ip", "tcpreplay"] {
            let there = Command::new(peer).arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
            if there.is_err() {
                return Err("ip or tcpreplay is not installed");
            }
        }
        let name = format!("tws{}", std::process::id());
        let wire = Self { name };
        let n = &wire.name;
        if !ip(&format!("netns add {n}a")) {
            return Err("network namespaces cannot be made: it takes root");
        }
        assert!(ip(&format!("netns add {n}b")));
        assert!(ip(&format!("link add {n}x netns {n}a type veth peer name {n}y netns {n}b")));
        for (side, interface) in [("a", "x"), ("b", "y")] {
            // No neighbour discovery: every packet is one of ours.
            let quiet = format!("net.ipv6.conf.{n}{interface}.disable_ipv6=1");
            let set = wire.within(side, "sysctl").args(["-qw", &quiet]).status().unwrap();
            assert!(set.success());
            assert!(ip(&format!("-n {n}{side} link set {n}{interface} up")));
        }
        Ok(wire)
    }

    fn within(&self, side: &str, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &format!("{}{side}", self.name), program]);
        command
    }

    /// Sends a capture; gives how many packets went out.
    fn send(&self, capture: &Path, rate: u32, loops: u32) -> u64 {
        let mut command = self.within("a", "tcpreplay");
        command.args(["-i", &format!("{}x", self.name), "--pps", &rate.to_string()]);
        let output = command.args(["--loop", &loops.to_string()]).arg(capture).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find(|line| line.contains("Successful packets:")).expect("tcpreplay counts");
        line.rsplit(' ').next().unwrap().trim().parse().unwrap()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        ip(&format!("netns del {}a", self.name));
        ip(&format!("netns del {}b", self.name));
    }
}

#[expect(clippy::disallowed_methods, reason = "the environment says whether peers may be missing")]
fn skip(why: &str) {
    assert!(std::env::var("TALLYWARD_REQUIRE_PEERS").is_err(), "{why}");
    eprintln!("SKIPPED the live sensor: {why}");
}

/// Microsecond pcap of the frames of a capture, which tcpreplay reads whatever the format was.
fn classic(path: &Path) -> PathBuf {
    let mut out = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        out.extend(word.to_le_bytes());
    }
    let mut packets = tallyward_discovery::Packets::default();
    let mut take = |_, _, data: &[u8], _| {
        let length = data.len() as u32;
        for word in [0, 0, length, length] {
            out.extend(word.to_le_bytes());
        }
        out.extend(data);
    };
    packets.feed(&fs::read(path).unwrap(), &mut take);
    packets.finish(&mut take);
    let path = path.with_extension("pcap");
    fs::write(&path, out).unwrap();
    path
}

#[test]
fn live_every_packet_is_seen_or_counted_and_every_device_arrives_once() {
    let wire = match Wire::new() {
        Ok(wire) => wire,
        Err(why) => return skip(why),
    };
    let house = House::new();
    let capture = classic(&capture(house.folder.path(), 40));
    let interface = format!("{}y", wire.name);
    // The interface stands in the other namespace; the server in ours: the sensor's way to it is the spool that a second sensor empties.
    let start = |to: &str| {
        let mut command = wire.within("b", env!("CARGO_BIN_EXE_tallyward"));
        command.args([
            "sensor",
            "--name",
            "ED-1",
            "--every",
            "1",
            "--threads",
            "2",
            "--ring",
            "16",
            "--to",
            to,
        ]);
        command.arg("--token-file").arg(house.path("token")).arg("--spool").arg(house.path("spool"));
        let child = command.args(["--interface", &interface]).stderr(Stdio::inherit()).spawn().unwrap();
        Running(child)
    };
    let to = format!("http://127.0.0.1:{}", house.port);
    let packets = || {
        let state = house.state();
        let health = &state["health"];
        health["packets"].as_u64().unwrap_or(0) + health["drops"].as_u64().unwrap_or(0)
    };
    let sensor = start(&to);
    until("the sensor", 10, || house.state()["health"]["reads"] == interface.as_str());
    std::thread::sleep(Duration::from_millis(500));
    let sent = wire.send(&capture, 20_000, 8);
    until("the count", 20, || packets() >= sent);
    assert_eq!(packets(), sent, "sent = seen + lost");
    // Held still while more comes than its ring has room for: whatever it loses, it knows how many.
    sensor.signal("-STOP");
    let all = sent + wire.send(&capture, 100_000, 120);
    sensor.signal("-CONT");
    until("the count", 20, || packets() >= all);
    assert_eq!(packets(), all, "sent = seen + lost");
    // Killed in the middle of it, and started anew: another run, and the first one's batches still lie there.
    drop(sensor);
    let sensor = start(&to);
    until("the sensor", 10, || packets() == 0);
    std::thread::sleep(Duration::from_millis(500));
    let sent = wire.send(&capture, 20_000, 2);
    until("the count", 20, || packets() >= sent);
    sensor.end();
    assert_eq!(packets(), sent, "sent = seen + lost, to the last packet");
    assert!(house.state()["health"]["spooled"].as_u64().unwrap() > 1);
    // The server comes, is killed, and comes again.
    for _ in 0..2 {
        let server = house.serve();
        let deliver = house.sensor(&["--read", capture.to_str().unwrap()]).output().unwrap();
        assert!(deliver.status.success(), "{}", String::from_utf8_lossy(&deliver.stderr));
        drop(server);
    }
    assert_eq!(house.state()["health"]["spooled"], 0);
    let other = House::new();
    let file = capture.to_str().unwrap();
    done(other.command(&["import", "capture", "--sensor", "ED-1", file]).output().unwrap());
    assert_eq!(house.devices(), other.devices(), "every device once");
}
