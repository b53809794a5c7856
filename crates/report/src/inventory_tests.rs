use super::*;
use crate::cells::read_csv;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn any_export() -> impl Strategy<Value = InventoryExport> {
    let fields = proptest::sample::subsequence(Field::ALL.to_vec(), 1..8).prop_shuffle();
    let value = "[a-c'=+@\\-\"\r\n, 0-9.é]{0,6}";
    (fields, 1usize..4).prop_flat_map(move |(fields, count)| {
        let width = fields.len();
        prop::collection::vec((1u64..9999, prop::collection::vec(value, width)), count).prop_map(
            move |rows| {
                let rows = rows
                    .into_iter()
                    .map(|(id, values)| InventoryRow { id: DeviceId(id).to_string(), values })
                    .collect();
                InventoryExport { fields: fields.clone(), rows }
            },
        )
    })
}

fn as_refs(row: &[String]) -> Vec<&str> {
    row.iter().map(String::as_str).collect()
}

proptest! {
    #[test]
    fn without_an_edit_no_cell_changed(export in any_export(), turn in 0usize..9) {
        for row in &mut read_csv(&export.to_csv()).iter().skip(1) {
            let mut header = read_csv(&export.to_csv())[0].clone();
            let mut row = row.clone();
            // Columns may be moved.
            let turn = turn % header.len();
            header.rotate_left(turn);
            row.rotate_left(turn);
            let change = cells_changed(&as_refs(&header), &as_refs(&row)).unwrap();
            prop_assert!(change.changed.is_empty() && change.foreign.is_empty(), "{:?}", change);
        }
    }

    #[test]
    fn an_edit_changes_exactly_that_cell(export in any_export(), at in 0usize..8, new in "[a-z=' ]{1,6}") {
        let rows = read_csv(&export.to_csv());
        let (header, mut row) = (rows[0].clone(), rows[1].clone());
        let at = 1 + at % export.fields.len();
        prop_assume!(bare(&new) != bare(&row[at]));
        row[at] = new;
        let change = cells_changed(&as_refs(&header), &as_refs(&row)).unwrap();
        prop_assert_eq!(change.changed, [(at, export.fields[at - 1])]);
        prop_assert_eq!(change.id.to_string(), export.rows[0].id.as_str());
    }

    #[test]
    fn any_row_is_read_or_refused(header in prop::collection::vec("(tallyward_id|tallyward_row|model|serial|\\PC{0,4})", 0..5),
        row in prop::collection::vec("(D1|[0-9a-f:.]{0,30}|\\PC{0,6})", 0..6)) {
        let read = cells_changed(&as_refs(&header), &as_refs(&row));
        prop_assert_eq!(matches!(read, Err(BadExport::NotOurs)), !is_export(&as_refs(&header)));
    }
}

#[test]
fn no_two_fields_share_a_mark() {
    let marks: BTreeSet<String> = Field::ALL.iter().map(|field| field_mark(*field)).collect();
    assert_eq!(marks.len(), Field::ALL.len());
}

#[test]
fn the_hash_is_fnv_1a() {
    // Test vectors of the FNV reference: "", "a", "foobar".
    assert_eq!([fnv1a(b""), fnv1a(b"a"), fnv1a(b"foobar")], [0x811c_9dc5, 0xe40c_292c, 0xbf9c_f968]);
}

#[test]
fn what_a_spreadsheet_does_on_its_own_is_no_edit() {
    let export = InventoryExport {
        fields: vec![Field::Description, Field::AssetTag, Field::Room],
        rows: vec![InventoryRow {
            id: "D7".into(),
            values: vec!["two\r\nlines".into(), "=A1".into(), "4-11".into()],
        }],
    };
    let rows = read_csv(&export.to_csv());
    let header = as_refs(&rows[0]);
    assert_eq!(rows[1][2], "'=A1");
    let mut row = rows[1].clone();
    row[1] = " two\nlines ".into();
    row[2] = "=A1".into();
    assert!(cells_changed(&header, &as_refs(&row)).unwrap().changed.is_empty());
    // A row of its own beside the export, and a dropped column, are no edit either.
    let wide = [&header[..], &["my notes"]].concat();
    row.push("x".into());
    let change = cells_changed(&wide, &as_refs(&row)).unwrap();
    assert_eq!((change.changed.len(), change.foreign), (0, vec![5]));
    row[1].clear();
    assert_eq!(cells_changed(&header, &as_refs(&row)).unwrap().changed, [(1, Field::Description)]);
}

#[test]
fn damaged_ids_and_hashes_are_refused() {
    let header = ["tallyward_id", "room", "tallyward_row"];
    assert_eq!(cells_changed(&["room"], &["1"]), Err(BadExport::NotOurs));
    assert_eq!(cells_changed(&header, &["7", "1", ""]), Err(BadExport::Id("7".into())));
    assert!(cells_changed(&header, &["D7", "1", ""]).is_err());
    assert_eq!(
        cells_changed(&header, &["D7", "1", "h.1.23E+05"]),
        Err(BadExport::Hashes("h.1.23E+05".into()))
    );
    let added = cells_changed(&header, &["D7", "1", "h"]).unwrap();
    assert_eq!(added.foreign, [1]);
}
