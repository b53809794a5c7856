//! `/settings/house`: units, contacts and places as they stand.

use super::around;
use crate::desk::Section;
use crate::fault::Fault;
use crate::html::Page;
use crate::link;
use crate::parts::{empty, many};
use crate::signed::Signed;
use maud::{Markup, html};
use tallyward_core::{Contact, Place, Places, Unit};

/// Who operates devices, whom to reach, where subnets are.
pub(crate) async fn house(signed: Signed) -> Result<Page, Fault> {
    let (desk, (units, contacts, places)) =
        signed.view(|app| Ok((app.units()?, app.contacts()?, app.places()?))).await?;
    let body = html! {
        header class="head" {
            h1 { "Units and contacts" }
            @if desk.may_write() {
                div class="actions" {
                    a class="button primary" href="/import#tables" { "Replace from a file" }
                }
            }
        }
        (around("/settings/house"))
        @if units.is_empty() && contacts.is_empty() && places.rules.is_empty() {
            ({
                empty(
                    "Nobody to tell yet",
                    "Three small files: which units there are, whom to reach in each, and which subnets lie where. Without them drafts have no reader and a moved device cannot be noticed.",
                    Some(("Add them", "/import#tables")),
                )
            })
        } @else { (unit_table(&units)) (contact_table(&contacts)) (place_table(&places)) }
    };
    Ok(desk.page(Section::Settings, "Units and contacts", body))
}

fn unit_table(units: &[Unit]) -> Markup {
    html! {
        section aria-labelledby="units" {
            h2 id="units" { (many(units.len() as u64, "unit")) }
            div class="scroll" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" { "Code" }
                            th scope="col" { "Name" }
                            th scope="col" { "Site" }
                            th scope="col" { "Building, floor" }
                            th scope="col" { "Draws from pools" }
                            th scope="col" { "Also written" }
                        }
                    }
                    tbody {
                        @for unit in units {
                            tr {
                                th scope="row" {
                                    a href=(link::unit(&unit.code)) { (unit.code) }
                                }
                                td { (unit.name) }
                                td { (unit.site) }
                                td { (Place { building: unit.building.clone(), floor: unit.floor.clone(), ..Place::default() }.plain()) }
                                td class="wrap" { (unit.pools.join(", ")) }
                                td class="clip" title=(unit.aliases.join(", ")) { (unit.aliases.join(", ")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn contact_table(contacts: &[Contact]) -> Markup {
    html! {
        section aria-labelledby="contacts" {
            h2 id="contacts" { (many(contacts.len() as u64, "contact")) }
            div class="scroll" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" { "Name or role" }
                            th scope="col" { "Unit" }
                            th scope="col" { "For" }
                            th scope="col" { "Mail" }
                            th scope="col" { "Telephone" }
                        }
                    }
                    tbody {
                        @for contact in contacts {
                            tr {
                                th scope="row" class="wrap" { (contact.name) }
                                td {
                                    @if contact.unit.is_empty() {
                                        span class="quiet" { "whole house" }
                                    } @else { (contact.unit) }
                                }
                                td {
                                    (contact.duty.code())
                                    @if !contact.profession.is_empty() {
                                        span class="quiet" { " " (contact.profession) }
                                    }
                                }
                                td class="mono" {
                                    @if contact.email.is_empty() {
                                        span class="state look" { "none" }
                                    } @else { (contact.email) }
                                }
                                td { (contact.phone) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn place_table(places: &Places) -> Markup {
    html! {
        section aria-labelledby="places" {
            h2 id="places" { (many(places.rules.len() as u64, "subnet")) }
            div class="scroll" {
                table class="list" {
                    thead {
                        tr {
                            th scope="col" { "Subnet" }
                            th scope="col" class="num" { "VLAN" }
                            th scope="col" { "Place" }
                            th scope="col" { "Unit" }
                            th scope="col" { "Somebody listens there" }
                        }
                    }
                    tbody {
                        @for rule in &places.rules {
                            tr {
                                th scope="row" class="mono" { (rule.subnet()) }
                                td class="num" {
                                    @if let Some(vlan) = rule.vlan { (vlan) }
                                }
                                td { (rule.place.plain()) }
                                td { (rule.unit) }
                                td {
                                    @if rule.watched { "yes" } @else {
                                        span class="quiet" { "no: silence means nothing" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
