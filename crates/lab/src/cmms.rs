//! The CMMS export, as messy as real ones.

use crate::device::{LabDevice, Listed};
use crate::hospital::Hospital;
use crate::rng::Rng;
use tallyward_core::{Mac, Timestamp};

/// Columns of the export. `Notes` is free text that nobody should map.
const HEADER: [&str; 23] = [
    "Control No",
    "Status",
    "Device Type",
    "Manufacturer",
    "Model",
    "Model No",
    "Serial No",
    "UDI",
    "Software Rev",
    "IP Address",
    "MAC Addr",
    "Site",
    "Building",
    "Floor",
    "Room",
    "Department",
    "Pool",
    "Maintained By",
    "Owner",
    "Install Date",
    "Next PM",
    "Support Ends",
    "Notes",
];

/// A name that stands only in the free-text column of the export: nothing the program keeps may hold it.
pub const CANARY_NOTE: &str = "Notecanary";

/// Rows that name no device at all, in front of which a reader must refuse rather than guess.
pub(crate) const REFUSED: usize = 4;

/// How many rows are written twice.
pub(crate) const fn duplicates(listed: usize) -> usize {
    if listed < 80 { 1 } else { listed / 80 }
}

impl Hospital {
    /// The export: Windows-1252, lines ended by CR LF, semicolons when the seed is odd and commas when it is
    /// even. After the header one row a listed device in a random order, some of them twice, and four rows
    /// that name nothing ([`crate::Expectations::cmms_rows`] counts them all). A complete list.
    #[must_use]
    pub fn cmms_csv(&self) -> Vec<u8> {
        let mut rng = Rng::new(self.plan.seed, "export");
        let mut rows: Vec<Vec<String>> = self
            .truth
            .iter()
            .filter_map(|device| Some(self.row(device, device.listed.as_ref()?, &mut rng)))
            .collect();
        if rows.is_empty() {
            return write(&[], self.plan.seed);
        }
        rng.shuffle(&mut rows);
        for _ in 0..duplicates(rows.len()) {
            let copy = rows[rng.below(rows.len())].clone();
            rows.insert(rng.below(rows.len() + 1), copy);
        }
        for refused in refused_rows() {
            rows.insert(rng.below(rows.len() + 1), refused);
        }
        write(&rows, self.plan.seed)
    }

    fn row(&self, device: &LabDevice, listed: &Listed, rng: &mut Rng) -> Vec<String> {
        let model = &self.models[device.model];
        let mut blank = |cell: &str| if rng.percent(10) { String::new() } else { cell.to_owned() };
        let (building, floor, room) =
            (blank(&device.place.building), blank(&device.place.floor), blank(&device.place.room));
        let installed: Timestamp = device.made.parse().unwrap_or_default();
        let row = vec![
            device.tag.clone(),
            listed.status.clone(),
            model.description.clone(),
            listed.maker.clone(),
            padded(&model.model, rng),
            model.model_number.clone(),
            padded(&listed.serial, rng),
            listed.udi.clone(),
            listed.version.clone().unwrap_or_default(),
            listed.ip.map(|ip| ip.to_string()).unwrap_or_default(),
            listed.mac.map(|mac| mac_cell(mac, rng)).unwrap_or_default(),
            device.place.site.clone(),
            building,
            floor,
            room,
            listed.unit.clone(),
            device.pool.clone(),
            if rng.percent(20) { "J. Müller" } else { "Clinical Engineering" }.to_owned(),
            if rng.percent(8) { "Leased – Saldaña Finance" } else { "Larkfield Health" }.to_owned(),
            date_cell(installed.plus_days(60), rng),
            date_cell(self.plan.now.plus_days(20 + rng.below(300) as i64), rng),
            if rng.percent(25) { date_cell(installed.plus_days(3650), rng) } else { String::new() },
            note(rng),
        ];
        debug_assert_eq!(row.len(), HEADER.len());
        row
    }
}

fn refused_rows() -> [Vec<String>; REFUSED] {
    let nameless = |status: &str, serial: &str, note: &str| {
        let mut row = vec![String::new(); HEADER.len()];
        row[1] = status.to_owned();
        row[2] = "Infusion pump".to_owned();
        row[6] = serial.to_owned();
        row[22] = note.to_owned();
        row
    };
    [
        nameless("In Service", "N/A", "found in the corridor"),
        nameless("In Service", "Default string", ""),
        nameless("", "", &format!("ask Sister {CANARY_NOTE}")),
        // Cut off in the middle, as when an export dies.
        vec![String::new(), "In Service".to_owned(), "Patient mon".to_owned()],
    ]
}

/// One cell in eight carries blanks that nobody sees on a screen.
fn padded(text: &str, rng: &mut Rng) -> String {
    match rng.below(16) {
        0 => format!("{text} "),
        1 => format!("  {text}"),
        _ => text.to_owned(),
    }
}

fn mac_cell(mac: Mac, rng: &mut Rng) -> String {
    let text = mac.to_string();
    match rng.below(6) {
        0 => text.to_uppercase().replace(':', "-"),
        1 => text.to_uppercase(),
        2 => text.replace(':', ""),
        3 => {
            let bare = text.replace(':', "");
            format!("{}.{}.{}", &bare[..4], &bare[4..8], &bare[8..])
        }
        _ => text,
    }
}

/// ISO, day first with dots, and a month by name: the day is never in doubt.
fn date_cell(day: Timestamp, rng: &mut Rng) -> String {
    let format = match rng.below(10) {
        0..5 => "%Y-%m-%d",
        5..8 => "%d.%m.%Y",
        8 => "%d-%b-%Y",
        _ => return String::new(),
    };
    day.to_jiff().strftime(format).to_string()
}

fn note(rng: &mut Rng) -> String {
    match rng.below(14) {
        0 => format!("Returned from bed 12, patient {CANARY_NOTE}, Ida, was on it"),
        1 => "Battery replaced\nnext check in spring".to_owned(),
        2 => "Label \"pool\" missing; ask before moving".to_owned(),
        3 => format!("Rückruf geprüft, Frau {CANARY_NOTE}"),
        4 => "loan, see e-mail".to_owned(),
        _ => String::new(),
    }
}

fn write(rows: &[Vec<String>], seed: u64) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(if seed % 2 == 1 { b';' } else { b',' })
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    let header = HEADER.iter().map(|name| (*name).to_owned()).collect();
    for row in std::iter::once(&header).chain(rows) {
        let cells: Vec<Vec<u8>> = row.iter().map(|cell| windows_1252(cell)).collect();
        writer.write_record(&cells).expect("writing to memory does not fail");
    }
    writer.into_inner().expect("writing to memory does not fail")
}

/// Latin-1 is its own code here; of the characters between 0x80 and 0x9f only the dash occurs.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| match letter {
            '–' => 0x96,
            other => u8::try_from(u32::from(other)).unwrap_or(b'?'),
        })
        .collect()
}
