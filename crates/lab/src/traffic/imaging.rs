//! Modalities, reading workstations and the archive.

use super::{CANARY_BIRTH, CANARY_ID, CANARY_NAME, Host, Scene};
use crate::wire::Frame;
use crate::wire::dicom::{self, Association, Context, DataSet};
use crate::wire::tcp::{self, Conversation};
use std::net::Ipv4Addr;
use tallyward_core::Mac;

/// The longest unit all parties here agree on.
const MAX_PDU: u32 = 16_384;
/// Root of the made-up identifiers: UUID-derived arc with a value nobody draws (PS3.5, B.2).
const ROOT: &str = "2.25.9990001";

/// The storage class and the size of a sample image of a modality.
fn storage(modality: &str) -> (&'static str, usize) {
    match modality {
        "CT" => ("1.2.840.10008.5.1.4.1.1.2", 48_000),
        "MR" => ("1.2.840.10008.5.1.4.1.1.4", 40_000),
        "US" => ("1.2.840.10008.5.1.4.1.1.6.1", 30_000),
        "DX" => ("1.2.840.10008.5.1.4.1.1.1.1", 60_000),
        _ => ("1.2.840.10008.5.1.4.1.1.9.1.1", 12_000),
    }
}

/// Fetches its worklist, checks that the archive is there, and sends one or two images.
pub(super) fn modality(scene: &mut Scene<'_>, host: Host<'_>, modality: &str) {
    let Some((archive, mac, title)) = archive(scene, host) else { return };
    let (class, size) = storage(modality);
    let start = scene.moment(500, 1600);
    let worklist = association(host, &title, scene, &[dicom::VERIFICATION, dicom::WORKLIST]);
    let mut talk = scene.open(host, archive, mac, 104, start);
    associate(&mut talk, &worklist);
    talk.client(&dicom::p_data(1, true, &dicom::echo_request(1), MAX_PDU));
    talk.server(&dicom::p_data(1, true, &dicom::echo_response(1), MAX_PDU));
    talk.client(&dicom::p_data(3, true, &dicom::find_request(2, dicom::WORKLIST), MAX_PDU));
    let query = DataSet::new(false).text((0x0008, 0x0060), "CS", modality).finish();
    talk.client(&dicom::p_data(3, false, &query, MAX_PDU));
    talk.server(&dicom::p_data(3, true, &dicom::find_response(2, dicom::WORKLIST), MAX_PDU));
    release(&mut talk);
    let frames = talk.close();
    scene.frames.extend(frames);

    let explicit = scene.rng.percent(50);
    let mut images = association(host, &title, scene, &[class]);
    images.contexts[0].syntaxes = vec![if explicit { dicom::EXPLICIT } else { dicom::IMPLICIT }.to_owned()];
    let mut talk = scene.open(host, archive, mac, 104, start.plus_seconds(20));
    associate(&mut talk, &images);
    for message in 1..=1 + scene.rng.below(2) as u16 {
        let object = format!("{ROOT}.{}.{message}", u32::from(host.ip));
        let image = image(scene, host, (modality, class, &object), explicit, size);
        talk.client(&dicom::p_data(1, true, &dicom::store_request(message, class, &object), MAX_PDU));
        talk.client(&dicom::p_data(1, false, &image, MAX_PDU));
        talk.server(&dicom::p_data(1, true, &dicom::store_response(message, class, &object), MAX_PDU));
    }
    release(&mut talk);
    let mut frames = talk.close();
    if scene.rng.percent(25) {
        disturb(&mut frames, host.mac);
    }
    scene.frames.extend(frames);
}

/// Asks the archive for studies, twice.
pub(super) fn workstation(scene: &mut Scene<'_>, host: Host<'_>) {
    let Some((archive, mac, title)) = archive(scene, host) else { return };
    for _ in 0..2 {
        let classes = [dicom::VERIFICATION, dicom::STUDY_FIND, dicom::STUDY_MOVE];
        let query = association(host, &title, scene, &classes);
        let at = scene.moment(500, 1750);
        let mut talk = scene.open(host, archive, mac, 104, at);
        associate(&mut talk, &query);
        talk.client(&dicom::p_data(3, true, &dicom::find_request(1, dicom::STUDY_FIND), MAX_PDU));
        let keys = DataSet::new(false)
            .text((0x0008, 0x0052), "CS", "STUDY")
            .text((0x0010, 0x0020), "LO", CANARY_ID)
            .finish();
        talk.client(&dicom::p_data(3, false, &keys, MAX_PDU));
        talk.server(&dicom::p_data(3, true, &dicom::find_response(1, dicom::STUDY_FIND), MAX_PDU));
        release(&mut talk);
        let frames = talk.close();
        scene.frames.extend(frames);
    }
}

/// Address, neighbouring card and title of the archive this host uses.
fn archive(scene: &Scene<'_>, host: Host<'_>) -> Option<(Ipv4Addr, Option<Mac>, String)> {
    let all = &scene.archives;
    let at = *all.get(u32::from(host.ip) as usize % all.len().max(1))?;
    let peer = scene.host(at)?;
    Some((peer.ip, Scene::neighbour(host, peer), peer.device.ae_title.clone()))
}

/// The implementation names the maker's own toolkit, by an arc made up for each maker.
fn association(host: Host<'_>, called: &str, scene: &Scene<'_>, classes: &[&str]) -> Association {
    let model = &scene.hospital.models[host.device.model];
    let context = |(class, id): (&&str, u8)| Context {
        id,
        class: (*class).to_owned(),
        syntaxes: vec![dicom::IMPLICIT.to_owned()],
    };
    let maker = model.maker.split(' ').next().unwrap_or("SAMPLE").to_uppercase();
    Association {
        calling: host.device.ae_title.clone(),
        called: called.to_owned(),
        contexts: classes.iter().zip((1..).step_by(2)).map(context).collect(),
        max_pdu: MAX_PDU,
        implementation: format!("{ROOT}.{}", model.oui[0]),
        version: format!("{maker}_1").chars().take(16).collect(),
    }
}

fn associate(talk: &mut Conversation, association: &Association) {
    talk.client(&association.request());
    let answer = Association {
        implementation: format!("{ROOT}.136"),
        version: "ARCHIVUM_7".to_owned(),
        ..association.clone()
    };
    talk.server(&answer.accept());
}

fn release(talk: &mut Conversation) {
    talk.client(&dicom::release_request());
    talk.server(&dicom::release_reply());
}

/// A data set as a modality writes it: who made the image, of whom, and noise for pixels.
fn image(
    scene: &mut Scene<'_>,
    host: Host<'_>,
    (modality, class, object): (&str, &str, &str),
    explicit: bool,
    size: usize,
) -> Vec<u8> {
    let model = &scene.hospital.models[host.device.model];
    let date = scene.hospital.plan.now.date().replace('-', "");
    let version = host.device.seen.as_ref().and_then(|seen| seen.version.clone());
    let mut set = DataSet::new(explicit)
        .text((0x0008, 0x0016), "UI", class)
        .text((0x0008, 0x0018), "UI", object)
        .text((0x0008, 0x0020), "DA", &date)
        .text((0x0008, 0x0060), "CS", modality)
        .text((0x0008, 0x0070), "LO", &model.maker)
        .text((0x0008, 0x0080), "LO", "Larkfield General")
        .text((0x0008, 0x1010), "SH", &host.device.host_name)
        .text((0x0008, 0x1090), "LO", &model.model)
        .text((0x0010, 0x0010), "PN", &format!("{}^{}", CANARY_NAME.0, CANARY_NAME.1))
        .text((0x0010, 0x0020), "LO", CANARY_ID)
        .text((0x0010, 0x0030), "DA", CANARY_BIRTH)
        .text((0x0018, 0x1000), "LO", &host.device.serial);
    if let Some(version) = version {
        set = set.text((0x0018, 0x1020), "LO", &version);
    }
    let waveform = modality == "ECG";
    set = set.text((0x0020, 0x000d), "UI", &format!("{ROOT}.1.{}", u32::from(host.ip))).text(
        (0x0020, 0x000e),
        "UI",
        &format!("{ROOT}.2.{}", u32::from(host.ip)),
    );
    if !waveform {
        set = set
            .number((0x0028, 0x0002), 1)
            .number((0x0028, 0x0010), 100)
            .number((0x0028, 0x0011), (size / 200) as u16);
    }
    let pixels = scene.rng.bytes(size / 2 * 2);
    let tag = if waveform { (0x7777, 0x1010) } else { (0x7fe0, 0x0010) };
    let set = if waveform { set.text((0x7777, 0x0010), "LO", "LUMEHART") } else { set };
    set.bytes(tag, "OW", &pixels).finish()
}

/// What a busy mirror port does: two full segments of the sender arrive in the wrong order, one arrives twice.
fn disturb(frames: &mut Vec<Frame>, sender: Mac) {
    let full = |frame: &Frame| frame.bytes.len() > tcp::MSS && frame.bytes.get(6..12) == Some(&sender.0);
    let long: Vec<usize> =
        frames.iter().enumerate().filter(|(_, frame)| full(frame)).map(|(at, _)| at).collect();
    if let [first, second, third, ..] = long[..] {
        let (early, late) = (frames[first].time, frames[second].time);
        frames.swap(first, second);
        frames[first].time = early;
        frames[second].time = late;
        let again = frames[third].clone();
        frames.insert(third + 1, again);
    }
}
