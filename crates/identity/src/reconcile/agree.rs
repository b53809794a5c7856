//! When two spellings say the same value.

use crate::text::squash;
use std::borrow::Cow;
use tallyward_core::Field;

/// `value` in the form in which two spellings of one value of `field` are equal.
///
/// Names of makers and models are compared by letters and digits alone, and so are MAC addresses; titles that
/// their standard makes case-sensitive (DICOM PS3.5 6.2, VR AE; HL7 v2 MSH-3 and MSH-4) are compared as they
/// stand; everything else without regard to case and surrounding blanks.
pub(super) fn fold(field: Field, value: &str) -> Cow<'_, str> {
    let value = value.trim();
    match field {
        Field::Manufacturer
        | Field::Model
        | Field::ModelNumber
        | Field::DeviceClass
        | Field::MacAddress
        | Field::NicMaker => {
            let bare = squash(value);
            if bare.is_empty() { Cow::Borrowed(value) } else { Cow::Owned(bare) }
        }
        Field::AeTitle | Field::Hl7Application | Field::Hl7Facility | Field::Udi | Field::Key => {
            Cow::Borrowed(value)
        }
        _ if value.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) => {
            Cow::Owned(value.to_lowercase())
        }
        _ => Cow::Borrowed(value),
    }
}

/// Whether `a` and `b` say the same value of `field`.
#[must_use]
pub fn agree(field: Field, a: &str, b: &str) -> bool {
    a == b || fold(field, a) == fold(field, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_is_no_disagreement_where_it_carries_nothing() {
        assert!(agree(Field::Manufacturer, "B. Braun", "B BRAUN"));
        assert!(agree(Field::MacAddress, "00-1A-2B-3C-4D-5E", "00:1a:2b:3c:4d:5e"));
        assert!(agree(Field::Serial, " sn-1 ", "SN-1"));
        assert!(!agree(Field::Serial, "SN-1", "SN1"));
        assert!(!agree(Field::AeTitle, "CT1", "ct1"));
        assert!(!agree(Field::SoftwareVersion, "4.1", "41"));
        assert!(!agree(Field::Model, "+", "-"));
    }
}
