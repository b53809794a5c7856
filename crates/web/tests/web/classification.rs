//! Why a device is held to be what it is, and a house's own rules.

use crate::house::{Browser, empty, person};
use tallyward_app::query::DeviceQuery;
use tallyward_core::Field;

/// Two tags of a list, one of which states its maker.
const LIST: &str =
    "Asset Tag,Manufacturer,MAC Address\nT-1,Baxter,00:09:fb:00:00:01\nT-2,,00:09:fb:00:00:02\n";

#[tokio::test]
async fn the_page_says_what_follows_and_what_does_not_fit_and_own_rules_take_effect() {
    let house = empty();
    let app = &house.app;
    let who = person("lead");
    let staged = app.stage_list("cmms.csv", LIST.into()).unwrap();
    let mapping = app.preview_list(&staged, None).unwrap().mapping;
    app.apply_list(&who, &staged, &mapping).unwrap();
    let rows = app.devices(&DeviceQuery::default()).unwrap().page.rows;
    let by_tag = |tag: &str| rows.iter().find(|row| row.tag == tag).unwrap().id;
    let (stated, silent) = (by_tag("T-1"), by_tag("T-2"));

    let reader = Browser::signed_in(&house, "reader").await;
    let page = reader.get(&format!("/devices/{stated}")).await.body;
    assert!(page.contains("What does not fit together") && page.contains("Baxter"), "{page}");
    let page = reader.get(&format!("/devices/{silent}")).await.body;
    assert!(page.contains("concluded, score 0.60") && page.contains("medical_oui.csv line"), "{page}");
    assert!(!page.contains("What does not fit together"));

    // The file is read line by line; what cannot be used is said.
    let own = "fact,basis,pattern,gives,score,source\nasset_tag,,^T-2$,device_class=infusion_pump,0.9,our tags\nasset_tag,,(,model=x,0.9,s\n";
    let lead = Browser::signed_in(&house, "lead").await;
    let token = lead.get("/settings/rules").await.csrf();
    let fields = [("csrf", token.as_str()), ("table", "rules")];
    let taken = lead.upload("/import/table", &fields, ("own.csv", own.as_bytes())).await.body;
    assert!(taken.contains("1 line") && taken.contains("cannot be used"), "{taken}");
    let explained = app.explain(silent).unwrap().explanation;
    let class = explained.of(Field::DeviceClass).unwrap();
    assert_eq!(class.value.as_deref(), Some("infusion_pump"));
    assert_eq!(class.why[0].rule, "own.csv line 2");
    assert_eq!(app.device(silent).unwrap().line.class, "infusion_pump", "devices were worked out again");

    app.remove_rules(&who).unwrap();
    assert!(app.explain(silent).unwrap().explanation.of(Field::DeviceClass).is_none());
    assert!(app.import_rules(&person("reader"), "own.csv", own.as_bytes()).is_err());
}
