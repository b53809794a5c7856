//! The command line.

mod discovery;

pub use discovery::{Explain, ImportCapture, Read, Rules, Sensor, Sensors};

use clap::{Args as ClapArgs, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;
use tallyward_app::SourceKind;

/// Knows every connected medical device, says which a published vulnerability touches and why, and sees to it
/// that the people at the bedside are told.
#[derive(Parser)]
#[command(name = "tallyward", version)]
pub struct Args {
    /// Configuration file (TOML); without it ./tallyward.toml is read when it exists.
    #[arg(long, global = true, env = "TALLYWARD_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of the store; overrides the configuration.
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Machine-readable output (JSON).
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// A sample hospital, the whole way, and the console on it.
    Demo(Demo),
    /// Your own files in, affected and unknown devices out; nothing is stored.
    Assess(Assess),
    /// Documents replayed by their own dates: hours to verdict, whom they touch, false alarms and misses.
    Backtest(Backtest),
    /// The console for a real hospital.
    Serve(Serve),
    /// What is missing or badly set, and how to mend it.
    Doctor,
    /// One checked file with everything in it.
    Backup(Backup),
    /// Puts a backup in place, after checking it.
    Restore(Restore),
    /// Takes in a list, a capture, places, units or contacts.
    Import(Import),
    /// Takes in advisories: CSAF, OpenVEX, CycloneDX VEX, openFDA recalls, and OSV records of flaws in packages (files or folders).
    Advisories(Advisories),
    /// What arrives and is no CSAF document: mail, letters, field safety notices, pages.
    #[command(subcommand)]
    Letters(Letters),
    /// Advisories written here: of a letter or of nothing, previewed, saved, exported as CSAF.
    #[command(subcommand)]
    Written(Written),
    /// The model book: where to read what on a model, and when that may be done.
    #[command(subcommand)]
    ModelBook(ModelBook),
    /// Parts lists (SBOM) of models and versions: CycloneDX and SPDX 2.x; which parts have a known flaw.
    #[command(subcommand)]
    Sboms(Sboms),
    /// What is used in attacks: KEV, EPSS, enriched CVE records.
    #[command(subcommand)]
    Threats(Threats),
    /// How urgent a finding is and why; a named person sets an input.
    #[command(subcommand)]
    Triage(Triage),
    /// Writes a CSV: devices (can be imported again), cmms, findings, worklist, advisories, matches (of products and advisories), changes (of verdicts, with whose and why), flows (who talked to whom), review (possible matches), corrections (of advisories), untold (who has not been told).
    Export(Export),
    /// Where advisories are fetched from: add, list, remove, and fetch now.
    #[command(subcommand)]
    Sources(Sources),
    /// One signed file with the documents on file, for sites without internet: write it, read it, say whose are read.
    #[command(subcommand)]
    Bundle(Bundle),
    /// The audit log.
    #[command(subcommand)]
    Audit(Audit),
    /// What captures say about devices, and why.
    Read(Read),
    /// Listens at a mirror port and sends what devices say to a server; nothing is ever sent to a device.
    Sensor(Box<Sensor>),
    /// Sensors that may send to this installation: list, add, revoke.
    #[command(subcommand)]
    Sensors(Sensors),
    /// Why a device is held to be what it is: each fact, the rule that read it, what follows, and what contradicts it.
    Explain(Explain),
    /// Rules of classification: list those in force, check a file of your own, put it in force, take it away.
    #[command(subcommand)]
    Rules(Rules),
    /// Unique device identifiers.
    #[command(subcommand)]
    Udi(Udi),
    /// The text of a PDF file on standard input: how the program reads one, in a process with limits of its own.
    #[command(hide = true)]
    PdfText,
    /// What one version clause says about one version.
    Verdict(Box<Verdict>),
}

#[derive(ClapArgs)]
pub struct Demo {
    /// Where the sample hospital lives.
    #[arg(long, default_value = "tallyward-demo", value_name = "DIR")]
    pub dir: PathBuf,
    /// Starts over.
    #[arg(long)]
    pub fresh: bool,
    /// Address of the console.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Makes everything and prints the summary, without serving the console.
    #[arg(long)]
    pub no_serve: bool,
}

#[derive(ClapArgs)]
pub struct Assess {
    /// Captures (pcap, pcapng) or folders of them.
    #[arg(long, num_args = 1.., value_name = "FILE|DIR")]
    pub capture: Vec<PathBuf>,
    /// The inventory (CSV).
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// Advisories (CSAF, OpenVEX, CycloneDX VEX, openFDA recalls; JSON) or folders of them.
    #[arg(long, num_args = 1.., required = true, value_name = "FILE|DIR")]
    pub advisories: Vec<PathBuf>,
    /// Writes devices.csv, findings.csv, worklist.csv and assessment.json here.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub names: OwnNames,
}

#[derive(ClapArgs)]
pub struct OwnNames {
    /// The house's own maker names (CSV: alias, maker, relation, related).
    #[arg(long, value_name = "FILE")]
    pub maker_aliases: Option<PathBuf>,
    /// The house's own model names (CSV: maker, alias, model).
    #[arg(long, value_name = "FILE")]
    pub model_aliases: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub struct Backtest {
    /// Advisories (CSAF JSON) or folders of them; several revisions of one document are replayed in order.
    #[arg(long, num_args = 1.., required = true, value_name = "FILE|DIR")]
    pub advisories: Vec<PathBuf>,
    /// Your own devices (CSV). Without it devices are made of the documents' bounds, so that the truth is known.
    #[arg(long, value_name = "FILE", conflicts_with = "truth")]
    pub inventory: Option<PathBuf>,
    /// More devices with what is so of them: JSON lines with advisory, vendor, product, product_id, device_version, verdict.
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
    /// Hours between two syncs with the publisher.
    #[arg(long, default_value_t = 4, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=8_760))]
    pub every: u32,
    /// Writes backtest.csv and backtest.json here.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub names: OwnNames,
}

#[derive(ClapArgs)]
pub struct Serve {
    /// Address of the console; overrides the configuration.
    #[arg(long)]
    pub listen: Option<SocketAddr>,
}

#[derive(ClapArgs)]
pub struct Backup {
    /// The file to write.
    pub file: PathBuf,
}

#[derive(ClapArgs)]
pub struct Restore {
    /// The backup.
    pub file: PathBuf,
    /// Replaces the store that is there.
    #[arg(long)]
    pub force: bool,
}

#[derive(ClapArgs)]
pub struct Import {
    /// What the files are.
    #[command(subcommand)]
    pub what: ImportWhat,
}

#[derive(Subcommand)]
pub enum ImportWhat {
    /// A list of devices: CMMS export, spreadsheet, our own export.
    List(ImportList),
    /// Captures (pcap, pcapng), logs and tables (Zeek, Suricata, DHCP leases, switch tables, lists of wireless clients), or folders of them.
    #[command(visible_alias = "logs")]
    Capture(ImportCapture),
    /// The places table: subnet (or switch_port, or access_point), vlan, site, building, floor, room, unit, watched.
    Places {
        /// The file.
        file: PathBuf,
    },
    /// Units: code, name, site, building, floor, pools, aliases.
    Units {
        /// The file.
        file: PathBuf,
    },
    /// Contacts: unit, duty, profession, name, email, phone.
    Contacts {
        /// The file.
        file: PathBuf,
    },
    /// Undoes an import of a list.
    Undo {
        /// Id of the import, as `import list` printed it.
        id: String,
    },
}

#[derive(ClapArgs)]
pub struct ImportList {
    /// The file.
    pub file: PathBuf,
    /// Shows what would happen to each row and changes nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Name of the list, its source.
    #[arg(long)]
    pub source: Option<String>,
    /// The list names every device of its kind: absence means something.
    #[arg(long)]
    pub complete: bool,
    /// Maps a column: `--map "Ctrl No=asset_tag"`, `--map "Comment="` for none. Remembered for this layout.
    #[arg(long, value_name = "COLUMN=FIELD")]
    pub map: Vec<String>,
    /// Dates such as 03/04/2026 have the day first.
    #[arg(long)]
    pub day_first: bool,
}

#[derive(ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Advisories {
    /// What to do with them; without it they are taken in.
    #[command(subcommand)]
    pub what: Option<AdvisoriesWhat>,
    /// Files or folders.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

#[derive(Subcommand)]
pub enum AdvisoriesWhat {
    /// Lists the documents on file.
    List {
        /// Only those with this text.
        #[arg(long)]
        text: Option<String>,
        /// The field the text stands in: id, title, category, publisher, status, revision, released, revised, cve, product.
        #[arg(long, value_name = "FIELD")]
        field: Option<String>,
        /// newest, cvss, severity, affected, or a field.
        #[arg(long, default_value = "newest")]
        order: String,
    },
    /// Holds documents against every device again, or devices against every document.
    Match {
        /// Ids of documents.
        ids: Vec<String>,
        /// Handles of devices, such as D1042.
        #[arg(long, num_args = 1.., value_name = "HANDLE", conflicts_with = "ids", required_unless_present = "ids")]
        device: Vec<String>,
    },
    /// Comments on a document.
    Comment {
        /// Its id.
        id: String,
        /// The comment.
        text: String,
    },
    /// Takes a document off the file; its verdicts go with it.
    Remove {
        /// Its id.
        id: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Says whether documents are valid CSAF 2.0: structure and mandatory tests.
    Check {
        /// Files or folders.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Corrects one passage of an advisory for this house; the document itself stays as it came.
    Correct(Correct),
    /// Lists corrections made here, takes one back, or makes one again that a revision stopped.
    Corrections(Corrections),
}

#[derive(ClapArgs)]
pub struct Correct {
    /// Id of the advisory.
    pub advisory: String,
    /// What is corrected: a clause, a product's name, the status of a product, or a product left out or added.
    #[arg(value_parser = ["clause", "name", "status", "leave_out", "add"])]
    pub what: String,
    /// The document's id of the product.
    #[arg(long)]
    pub leaf: Option<String>,
    /// The clause as it should read.
    #[arg(long)]
    pub clause: Option<String>,
    /// The vendor as it should read.
    #[arg(long)]
    pub vendor: Option<String>,
    /// The product as it should read.
    #[arg(long)]
    pub product: Option<String>,
    /// The vulnerability whose status is corrected; with `add`, without it, all of the document.
    #[arg(long)]
    pub vulnerability: Option<String>,
    /// The status as CSAF writes it, such as known_affected or fixed; none for no statement.
    #[arg(long)]
    pub status: Option<String>,
    /// Who corrects it.
    #[arg(long)]
    pub by: String,
    /// Why, and where it is known from.
    #[arg(long)]
    pub why: String,
}

#[derive(ClapArgs)]
pub struct Corrections {
    /// Of this advisory only.
    pub advisory: Option<String>,
    /// Takes the correction of this id back.
    #[arg(long, value_name = "ID", requires = "by", requires = "why")]
    pub end: Option<String>,
    /// Makes the correction of this id again on the passage as it is now.
    #[arg(long, value_name = "ID", requires = "by", conflicts_with = "end")]
    pub again: Option<String>,
    /// Who does so.
    #[arg(long)]
    pub by: Option<String>,
    /// Why.
    #[arg(long)]
    pub why: Option<String>,
}

#[derive(Subcommand)]
pub enum Letters {
    /// Takes in files, mailbox files (mbox), Maildir folders, or folders of files. The same bytes count once.
    Take {
        /// Files or folders.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Lists them, open ones first.
    List,
}

#[derive(Subcommand)]
pub enum Written {
    /// Lists them, those that wait for a person first.
    List,
    /// Writes an empty one as JSON to be filled in, or one with what a letter names.
    New {
        /// Id of the letter it is made of.
        #[arg(long, value_name = "LETTER")]
        letter: Option<String>,
        /// The file to write; standard output without it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Whom it would touch here, how its clauses are read and what is wrong with it. Nothing is kept.
    Preview {
        /// The JSON file.
        file: PathBuf,
    },
    /// Keeps it, to be handed over and agreed to by two persons on the page.
    Save {
        /// The JSON file.
        file: PathBuf,
        /// Id of the one it replaces the text of; a new one without it.
        #[arg(long, requires = "seen")]
        id: Option<String>,
        /// The mark `show` gave, so that nobody's change is lost.
        #[arg(long, requires = "id")]
        seen: Option<String>,
    },
    /// Shows one: state, who stands behind it, whom it touches.
    Show {
        /// Its id.
        id: String,
    },
    /// Writes it as CSAF 2.0: the newest released revision, or the draft.
    Export {
        /// Its id.
        id: String,
        /// The file to write; standard output without it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub enum Sboms {
    /// Attaches parts lists to a model and version, and so to every device of them.
    Add {
        /// Files or folders.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Maker of the device; what the document says without it.
        #[arg(long)]
        maker: Option<String>,
        /// Model of the device; what the document says without it.
        #[arg(long)]
        model: Option<String>,
        /// Software version of the device; what the document says without it.
        #[arg(long)]
        version: Option<String>,
    },
    /// Every parts list, with what the known flaws of its parts come to.
    List,
    /// One parts list: flaws of its parts, the worst first, with reasons.
    Show {
        /// Its id, as `list` prints it.
        id: String,
    },
    /// Where a part or a flaw is: models, versions and how many devices.
    Find {
        /// Part of a name, package URL or CPE; or an id of a flaw, such as its CVE.
        text: String,
    },
    /// Removes a parts list.
    Remove {
        /// Its id, as `list` prints it.
        id: String,
    },
}

#[derive(Subcommand)]
pub enum ModelBook {
    /// Shows the book, or one model's entry.
    Show {
        /// Maker.
        #[arg(requires = "model")]
        maker: Option<String>,
        /// Model.
        model: Option<String>,
    },
    /// Hands the book out, with nothing of the house in it: one signed file, or a folder of open files.
    Export {
        /// The file to write, or an existing folder for one open file a model.
        #[arg(long, short)]
        out: PathBuf,
        /// Under which name; the name of the house without it.
        #[arg(long)]
        publisher: Option<String>,
    },
    /// Takes in a signed file, an entry, or a folder of entries. What was written here stands.
    Import {
        /// Files or folders.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The key or fingerprint that the house which signed gave you: trusted from now on.
        #[arg(long, value_name = "KEY")]
        trust: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum Threats {
    /// Takes in KEV (JSON), EPSS (CSV, also packed with gzip) and CVE records; what each is, its content tells.
    Take {
        /// Files or folders.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Shows what is on file and of when it is.
    List,
}

#[derive(Subcommand)]
pub enum Triage {
    /// Shows the decision, its inputs with reasons, and what stands beside.
    Show(Finding),
    /// Sets an input in the name of an account, or takes back what is set.
    Set(TriageSet),
}

#[derive(ClapArgs)]
pub struct Finding {
    /// Handle of the device, such as D1042.
    pub device: String,
    /// Advisory id.
    pub advisory: String,
    /// Vulnerability id.
    pub vulnerability: String,
}

#[derive(ClapArgs)]
pub struct TriageSet {
    #[command(flatten)]
    pub finding: Finding,
    /// exploitation (none, public_poc, active), exposure (small, controlled, open), automatable (no, yes),
    /// clinical_level (C0 to C4) or rubric (MITRE's for medical devices: "edition=2020-10 XAVN=yes … CVSS:3.0/…").
    pub input: String,
    /// The value, or `back` to take back what is set.
    pub value: String,
    /// Why, for those who read it later.
    #[arg(long)]
    pub because: String,
    /// Login of the account in whose name it is set; a clinical level takes a lead.
    #[arg(long, value_name = "LOGIN")]
    pub by: String,
}

#[derive(ClapArgs)]
pub struct Export {
    /// devices, cmms, findings, worklist, advisories, matches, changes, flows, ports (where they are), review, corrections or untold.
    #[arg(value_parser = ["devices", "cmms", "findings", "worklist", "advisories", "matches", "changes", "flows", "ports", "review", "corrections", "untold"])]
    pub what: String,
    /// For findings: only those decided so (immediate, out_of_cycle, scheduled, defer).
    #[arg(long, value_parser = ["immediate", "out_of_cycle", "scheduled", "defer"])]
    pub outcome: Option<String>,
    /// For findings: the most urgent first.
    #[arg(long)]
    pub urgent_first: bool,
    /// For changes: how many days back.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub days: u16,
    /// For the worklist: only this site.
    #[arg(long)]
    pub site: Option<String>,
    /// For the worklist: only this unit.
    #[arg(long, value_name = "CODE")]
    pub unit: Option<String>,
    /// For the worklist: the readings that settle most per minute within so many minutes.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=480))]
    pub minutes: Option<u32>,
    /// For the worklist: minutes to count for a reading nobody has timed; without it those are left out.
    #[arg(long, value_name = "N", requires = "minutes", value_parser = clap::value_parser!(u32).range(1..=480))]
    pub untimed: Option<u32>,
    /// The file to write; standard output without it.
    #[arg(long, short)]
    pub out: Option<PathBuf>,
}

#[derive(Subcommand)]
pub enum Bundle {
    /// Writes the documents on file that may be passed on, and the lists of threats, into one signed file.
    Write {
        /// The file to write.
        file: PathBuf,
        /// What the house calls itself in it; its name when not given.
        #[arg(long, value_name = "NAME")]
        publisher: Option<String>,
        /// For another site of the same organisation: TLP:AMBER and AMBER+STRICT too.
        #[arg(long)]
        same_organisation: bool,
    },
    /// Verifies a bundle and takes its documents in.
    Read {
        /// The file to read.
        file: PathBuf,
        /// Trusts the key that signed, when it has this fingerprint (or is this key); compare it by another way first.
        #[arg(long, value_name = "FINGERPRINT")]
        trust: Option<String>,
    },
    /// This house's public key, and the keys whose bundles are read.
    Keys,
    /// Reads the bundles of this public key from now on.
    Trust {
        /// 64 hexadecimal digits.
        key: String,
    },
    /// Reads no more bundles of this key.
    Distrust {
        /// The key or its fingerprint.
        key: String,
    },
}

#[derive(Subcommand)]
pub enum Sources {
    /// Adds a source; nothing is fetched yet.
    Add(SourceAdd),
    /// How each source does, and what was refused.
    List,
    /// Removes a source; what it brought stays.
    Remove {
        /// Its name.
        name: String,
    },
    /// Fetches what changed, verifies it and takes it in.
    Sync(Sync),
}

#[derive(ClapArgs)]
pub struct SourceAdd {
    /// A short name.
    pub name: String,
    /// Domain of the provider, or an address.
    pub url: String,
    /// What is there: advisories of a provider, in a directory or a rolie feed; what is known of attacks: the kev
    /// catalogue, an epss list, cve records; or letters of a taxii server.
    #[arg(long, default_value = "provider", value_parser = SourceKind::ALL.map(SourceKind::code))]
    pub kind: String,
    /// What an advisory must bring along; what is offered is verified in any case.
    #[arg(long, default_value = "none", value_parser = ["none", "hash", "signature"])]
    pub require: String,
    /// Milliseconds between two requests.
    #[arg(long, default_value_t = 100)]
    pub pause: u32,
    /// The source stands inside the house: private addresses are allowed.
    #[arg(long)]
    pub internal: bool,
    /// http is allowed.
    #[arg(long)]
    pub clear_text: bool,
}

#[derive(ClapArgs)]
pub struct Sync {
    /// Only this source.
    #[arg(long)]
    pub source: Option<String>,
    /// Asks about every document, also where the listing says nothing changed.
    #[arg(long)]
    pub again: bool,
}

#[derive(Subcommand)]
pub enum Audit {
    /// Walks the whole log and checks every hash.
    Verify {
        /// The hash the newest entry must have, as noted elsewhere.
        #[arg(long)]
        head: Option<String>,
    },
}

#[derive(Subcommand)]
pub enum Udi {
    /// Parses the strings given, or the lines of standard input.
    Parse {
        /// UDI strings.
        strings: Vec<String>,
    },
}

#[derive(ClapArgs)]
#[command(disable_version_flag = true)]
pub struct Verdict {
    /// The clause, as the advisory writes it. Without it JSON lines are read from standard input.
    #[arg(long)]
    pub clause: Option<String>,
    /// Software version of the device.
    #[arg(long)]
    pub version: Option<String>,
    /// Product as the advisory writes it.
    #[arg(long)]
    pub product: Option<String>,
    /// Model or catalogue number of the device.
    #[arg(long)]
    pub model: Option<String>,
    /// Serial number of the device.
    #[arg(long)]
    pub serial: Option<String>,
    /// Hardware version.
    #[arg(long)]
    pub hw_version: Option<String>,
    /// Component the version below belongs to.
    #[arg(long)]
    pub component: Option<String>,
    /// Version of the component.
    #[arg(long)]
    pub component_version: Option<String>,
    /// Operating system.
    #[arg(long)]
    pub os: Option<String>,
    /// Date of manufacture or distribution, ISO.
    #[arg(long)]
    pub date: Option<String>,
}
