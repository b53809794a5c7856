//! The same capture through this reader and through whatever peers are installed, one after the other.
//!
//! ```text
//! TALLYWARD_BENCH_MB=1024 cargo bench -p tallyward-discovery --bench peers [-- CAPTURE]
//! ```
//!
//! Without `CAPTURE` the input is the scaled `lab-a.pcap` of the bench `read`, written to the folder of temporary files and removed at the end. Each
//! program is a process of its own, run three times on a warm cache and measured by GNU time (Debian's package `time`); the median by wall clock is
//! told. A program that is not installed is named as such. What the programs print goes nowhere.

mod scaled;

use scaled::options;
use std::path::Path;
use std::process::{Command, Stdio};
use tallyward_discovery::{Learned, Part, Reader, Share};

/// Names, and their arguments around the capture.
const PEERS: &[(&str, &str, &[&str], &[&str])] = &[
    ("p0f", "p0f", &["-r"], &[]),
    ("nDPI's reader", "ndpiReader", &["-q", "-i"], &[]),
    ("Suricata, no rules", "suricata", &["-S", "/dev/null", "-l", "/tmp", "-k", "none", "-r"], &[]),
    ("softflowd", "softflowd", &["-n", "127.0.0.1:9", "-d", "-r"], &[]),
    ("argus", "argus", &["-w", "/dev/null", "-r"], &[]),
    ("tcpdump -w /dev/null", "tcpdump", &["-w", "/dev/null", "-r"], &[]),
    (
        "tshark, 4 fields",
        "tshark",
        &[
            "-T",
            "fields",
            "-e",
            "eth.src",
            "-e",
            "ip.src",
            "-e",
            "dhcp.option.hostname",
            "-e",
            "dicom.assoc.ae.calling",
            "-r",
        ],
        &[],
    ),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match &args[..] {
        [flag, readers, path] if flag == "--read" => {
            let readers = readers.parse().expect("a number of readers");
            let learned = read(Path::new(path), readers);
            println!("{} {} {}", learned.stats.packets, learned.evidence.len(), learned.flows.len());
        }
        [path] => compare(Path::new(path)),
        _ => {
            let Some(bytes) = scaled::capture() else {
                println!("skipped: the shared captures are not there");
                return;
            };
            let folder = tempfile::tempdir().expect("a folder for the capture");
            let path = folder.path().join("scaled.pcap");
            std::fs::write(&path, &bytes).expect("room for the capture");
            drop(bytes);
            compare(&path);
        }
    }
}

/// Reads a file in pieces; each reader takes the bytes from the file itself.
fn read(path: &Path, readers: u32) -> Learned {
    let share = |share| {
        use std::io::Read as _;
        let mut file = std::fs::File::open(path).expect("the capture is there");
        let mut reader = Reader::sharing(options(), share);
        let mut buffer = vec![0u8; 512 * 1024];
        loop {
            match file.read(&mut buffer).expect("the capture can be read") {
                0 => return reader.part(),
                count => reader.feed(&buffer[..count]),
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            Share::all(readers).into_iter().map(|one| scope.spawn(move || share(one))).collect();
        let parts = threads.into_iter().map(|thread| thread.join().expect("a reader does not panic"));
        parts.reduce(Part::join).map_or_else(Learned::default, Part::learned)
    })
}

/// Wall clock and processor in seconds, resident megabytes at most.
struct Cost {
    wall: f64,
    cpu: f64,
    resident: f64,
}

fn compare(path: &Path) {
    let length = std::fs::metadata(path).map_or(0, |about| about.len());
    // Reads it into the cache, too.
    let packets = read(path, 1).stats.packets;
    println!("{packets} packets, {length} bytes; median of 3 by wall clock\n");
    println!("| program | wall s | CPU s | RSS MB | M packets/s | Gbit/s |\n|---|---|---|---|---|---|");
    let line = |name: &str, cost: Option<Cost>| match cost {
        Some(Cost { wall, cpu, resident }) => println!(
            "| {name} | {wall:.2} | {cpu:.2} | {resident:.0} | {:.2} | {:.1} |",
            packets as f64 / wall / 1e6,
            length as f64 * 8.0 / wall / 1e9
        ),
        None => println!("| {name} | not installed, or it failed | | | | |"),
    };
    let own = std::env::current_exe().expect("the bench knows its own path");
    for readers in ["1", "2"] {
        let name = format!("Tallyward, {readers} reader{}", if readers == "1" { "" } else { "s" });
        line(&name, cost(&own.to_string_lossy(), &["--read", readers], path, &[]));
    }
    for (name, program, before, behind) in PEERS {
        line(name, cost(program, before, path, behind));
    }
}

fn cost(program: &str, before: &[&str], path: &Path, behind: &[&str]) -> Option<Cost> {
    let mut costs: Vec<Cost> = (0..3).map_while(|_| once(program, before, path, behind)).collect();
    costs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    (costs.len() == 3).then(|| costs.swap_remove(1))
}

fn once(program: &str, before: &[&str], path: &Path, behind: &[&str]) -> Option<Cost> {
    let told = tempfile::NamedTempFile::new().ok()?;
    let mut command = Command::new("/usr/bin/time");
    command
        .args(["-f", "%e %U %S %M", "-o"])
        .arg(told.path())
        .arg(program)
        .args(before)
        .arg(path)
        .args(behind);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if !command.status().ok()?.success() {
        return None;
    }
    let text = std::fs::read_to_string(told.path()).ok()?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [wall, user, system, kilobytes] = numbers[..] else { return None };
    Some(Cost { wall, cpu: user + system, resident: kilobytes / 1024.0 })
}
