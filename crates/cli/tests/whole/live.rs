//! A small hospital of real programs in network namespaces, a sensor on its mirror port, a server elsewhere, both killed half-way.

use crate::support::files::walk;
use crate::support::program::{Running, arg, eventually, run, tallyward};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tallyward_core::testkit;
use tempfile::tempdir;

/// Programs the clients are made of.
const PROGRAMS: [&str; 8] = ["ip", "storescu", "dump2dcm", "dhcpd", "dhclient", "lldpd", "snmpd", "snmpget"];

/// The card of every client and server, with something only that one says of itself; its card where it says nothing of the kind.
const DEVICES: [(&str, &str, &str); 8] = [
    ("00:0e:a5:78:00:11", "serial", "78001"),
    ("00:50:56:78:00:20", "ae_title", "ARCHIVE78"),
    ("00:03:b1:78:00:30", "host_name", "PUMP-78030"),
    ("00:09:5c:78:00:40", "serial", "VG-78040"),
    ("d8:9e:f3:78:00:50", "mac_address", "d8:9e:f3:78:00:50"),
    ("00:1b:54:78:00:60", "mac_address", "00:1b:54:78:00:60"),
    ("00:c0:b7:78:00:70", "host_name", "ups-or-3"),
    ("00:50:56:78:00:01", "mac_address", "00:50:56:78:00:01"),
];

/// The patient who does not exist, and must not be found anywhere.
const PATIENT: [&[u8]; 2] = [b"PHANTOM", b"PH7801"];

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/hospital.py")
}

/// The namespaces, removed when dropped.
struct Hospital {
    name: String,
    folder: PathBuf,
}

impl Hospital {
    fn step(&self, what: &str) -> (bool, String) {
        let output = Command::new("python3")
            .arg(script())
            .args([what, &self.name])
            .arg(&self.folder)
            .output()
            .expect("python3 runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    #[track_caller]
    fn talk(&self) {
        let (fine, why) = self.step("talk");
        assert!(fine, "{why}");
    }

    /// Runs the program in one of the namespaces.
    fn start(&self, who: &str, home: &Path, args: &[&str]) -> Running {
        let inner = tallyward(home, args);
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &format!("{}-{who}", self.name)]);
        command.arg(inner.get_program()).args(inner.get_args()).current_dir(home);
        command.env("HOME", home).env("TMPDIR", home);
        Running::start(command)
    }
}

impl Drop for Hospital {
    fn drop(&mut self) {
        self.step("down");
    }
}

/// Why the test cannot run here, if it cannot.
fn lacking() -> Option<String> {
    let finds = |program: &str| {
        let shell = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
        shell.is_ok_and(|output| output.status.success())
    };
    if let Some(program) = PROGRAMS.iter().find(|program| !finds(program)) {
        return Some(format!("{program} is not installed"));
    }
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !root {
        return Some("network namespaces need root".to_owned());
    }
    let module = Command::new("python3").args(["-c", "import sdc11073"]).output();
    (!module.is_ok_and(|output| output.status.success()))
        .then(|| "the Python module sdc11073 is not installed".to_owned())
}

/// What the store holds, a row a device.
fn devices(home: &Path, data: &Path) -> Vec<BTreeMap<String, String>> {
    let ran = run(home, &["--data", arg(data), "export", "devices"]);
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    reader.deserialize().filter_map(Result::ok).collect()
}

fn holds(row: &BTreeMap<String, String>, column: &str, value: &str) -> bool {
    row.get(column).is_some_and(|held| held.split(';').any(|part| part.trim().eq_ignore_ascii_case(value)))
}

/// Whether every client is there with what only it says.
fn all_there(rows: &[BTreeMap<String, String>]) -> bool {
    DEVICES.iter().all(|(card, column, value)| {
        rows.iter().any(|row| holds(row, "mac_address", card) && holds(row, column, value))
    })
}

#[test]
fn a_house_of_real_programs_is_learned_once_though_both_ends_are_killed() {
    if let Some(why) = lacking() {
        return testkit::skipped(&why);
    }
    let home = tempdir().unwrap();
    let hospital =
        Hospital { name: format!("tw{}", std::process::id()), folder: home.path().join("hospital") };
    let (up, why) = hospital.step("up");
    assert!(up, "{why}");

    let data = home.path().join("data");
    let token = home.path().join("token");
    let made = run(home.path(), &["--data", arg(&data), "sensors", "add", "OR-3", "--site", "Main"]);
    std::fs::write(&token, made.expect_code(0).out).unwrap();
    let spool = home.path().join("spool");
    let serve =
        || hospital.start("srv", home.path(), &["--data", arg(&data), "serve", "--listen", "10.79.0.1:8460"]);
    let sensor = || {
        let args = [
            "sensor",
            "--interface",
            "mirror",
            "--name",
            "OR-3",
            "--to",
            "http://10.79.0.1:8460",
            "--insecure-http",
            "--token-file",
            arg(&token),
            "--spool",
            arg(&spool),
            "--every",
            "1",
        ];
        hospital.start("ear", home.path(), &args)
    };

    let mut server = serve();
    let mut ear = sensor();
    std::thread::sleep(Duration::from_secs(2));
    hospital.talk();
    eventually("every device to arrive", || all_there(&devices(home.path(), &data)).then_some(()));

    // The server dies on the spot; what is said meanwhile waits on the sensor's disk.
    assert!(server.kill(), "the server had ended by itself");
    hospital.talk();
    std::thread::sleep(Duration::from_secs(3));
    // The sensor dies too, and comes back before the server does.
    assert!(ear.kill(), "the sensor had ended by itself");
    let waiting = walk(&spool).len();
    assert!(waiting > 0, "nothing was kept for the server");
    ear = sensor();
    std::thread::sleep(Duration::from_secs(2));
    let mut server = serve();
    hospital.talk();
    eventually("the spool to be delivered", || {
        let status = run(home.path(), &["--json", "sensor", "--status", "--spool", arg(&spool)]);
        let status: serde_json::Value = serde_json::from_str(&status.out).ok()?;
        (status["health"]["spooled"] == 0).then_some(())
    });
    std::thread::sleep(Duration::from_secs(3));
    assert!(ear.kill() && server.kill(), "one of the two had ended by itself");

    let rows = devices(home.path(), &data);
    assert!(all_there(&rows), "{rows:#?}");
    for (card, ..) in DEVICES {
        let bearing = rows.iter().filter(|row| holds(row, "mac_address", card)).count();
        assert_eq!(bearing, 1, "{card} is one device");
    }
    assert_eq!(rows.len(), DEVICES.len(), "and nobody else is there: {rows:#?}");
    run(home.path(), &["--data", arg(&data), "audit", "verify"]).expect_code(0);
    for file in walk(&data).into_iter().chain(walk(&spool)) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in PATIENT {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{} holds the patient", file.display());
        }
    }
}
