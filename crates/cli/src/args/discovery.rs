//! Arguments of what listens, reads and says what things are.

use clap::{Args as ClapArgs, Subcommand};
use std::path::PathBuf;

#[derive(ClapArgs)]
pub struct Explain {
    /// Handle of the device, such as D1042.
    pub device: String,
    /// Folder of recog XML files, read as further rules; wins over the configuration.
    #[arg(long, value_name = "DIR")]
    pub recog: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Rules {
    /// Every table in force with version and number of rules; recog files with what was left out of them.
    List {
        /// Folder of recog XML files; wins over the configuration.
        #[arg(long, value_name = "DIR")]
        recog: Option<PathBuf>,
    },
    /// Looks at a file of rules and says which lines cannot be used and why. Needs no store.
    Check {
        /// File of rules (CSV: fact, basis, pattern, gives, score, source).
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Puts a file of rules in force, in place of the one before; all devices are worked out again.
    Import {
        /// File of rules (CSV).
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Takes the house's own rules away; all devices are worked out again.
    Remove,
}

#[derive(ClapArgs)]
pub struct Sensor {
    /// Interface of a mirror port; may be given more than once.
    #[arg(long, value_name = "NAME", required_unless_present_any = ["read", "status"])]
    pub interface: Vec<String>,
    /// Reads captures (pcap, pcapng) or folders of them instead, and ends.
    #[arg(long, num_args = 1.., value_name = "FILE|DIR", conflicts_with = "interface")]
    pub read: Vec<PathBuf>,
    /// Plays captures at the pace at which they were taken, as if it were now.
    #[arg(long, requires = "read")]
    pub pace: bool,
    /// Address of the server, https and its host name; without it what is learned is printed.
    #[arg(long, value_name = "URL", requires = "token_file")]
    pub to: Option<String>,
    /// Name of this sensor, as the server knows it.
    #[arg(long, default_value = "sensor")]
    pub name: String,
    /// File whose first line is the token that the server gave for this sensor.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificate authorities (PEM) trusted beside the public ones.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Lets the token and what is learned pass unencrypted.
    #[arg(long)]
    pub insecure_http: bool,
    /// Folder of what waits for the server.
    #[arg(long, default_value = "tallyward-sensor", value_name = "DIR")]
    pub spool: PathBuf,
    /// Most MiB that wait there; the oldest go first, counted.
    #[arg(long, default_value_t = 1_024, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    pub spool_limit: u64,
    /// Seconds from one batch to the next; what is seen is told after twice that.
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub every: u32,
    /// Threads that read one interface; as many as there are cores, at most 4, when not said.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub threads: Option<u16>,
    /// MiB of memory a thread shares with the kernel.
    #[arg(long, default_value_t = 64, value_name = "MIB", value_parser = clap::value_parser!(u32).range(2..=4_096))]
    pub ring: u32,
    /// Goes on as this user once the interface is open, when started as root.
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// Does not ask the card for frames addressed to others.
    #[arg(long)]
    pub no_promiscuous: bool,
    /// Opens everything, says what is wrong, and ends.
    #[arg(long)]
    pub check: bool,
    /// Says how the sensor of this spool folder is, and ends.
    #[arg(long)]
    pub status: bool,
}

#[derive(Subcommand)]
pub enum Sensors {
    /// Lists them with their health.
    List,
    /// Adds one, or gives it a new token; the token is printed this once.
    Add {
        /// Its name: letters, digits, dots and dashes.
        name: String,
        /// Where it listens.
        #[arg(long, default_value = "")]
        site: String,
    },
    /// Takes the right to send from one; what it brought stays.
    Revoke {
        /// Its name.
        name: String,
    },
}

/// What logs leave out about their times.
#[derive(ClapArgs)]
pub struct LogTimes {
    /// Zone of logs that name none, such as America/Chicago. Without it that of the house, or UTC.
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// When tables that tell no time were taken, such as 2026-11-23T08:30:00Z. Without it now.
    #[arg(long, value_name = "TIME")]
    pub taken: Option<String>,
}

impl LogTimes {
    /// The moment of tables.
    pub fn taken(&self) -> Result<Option<tallyward_core::Timestamp>, crate::exit::Failure> {
        let read =
            |text: &String| text.parse().map_err(|error| crate::exit::Failure::usage(format!("{error}")));
        self.taken.as_ref().map(read).transpose()
    }
}

#[derive(ClapArgs)]
pub struct ImportCapture {
    /// Captures (pcap, pcapng; also packed with gzip or zstd), folders of them, or - for standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Where it was taken: the sensor, or the switch whose table it is.
    #[arg(long, default_value = "capture")]
    pub sensor: String,
    #[command(flatten)]
    pub times: LogTimes,
}

#[derive(ClapArgs)]
pub struct Read {
    /// Captures (pcap, pcapng), logs and tables, also packed with gzip or zstd, folders of them, or - for a capture on standard input. The logs are
    /// read as one set.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub times: LogTimes,
    /// Who talked to whom, too.
    #[arg(long)]
    pub flows: bool,
    /// What rules conclude of each device, with the chain, and what does not fit together.
    #[arg(long)]
    pub explain: bool,
    /// Folder of recog XML files, read as further rules; with --explain.
    #[arg(long, value_name = "DIR", requires = "explain")]
    pub recog: Option<PathBuf>,
    /// How many readers share a capture; as many as there are processors if not given. The result is the same.
    #[arg(long, value_name = "N")]
    pub readers: Option<u32>,
}
