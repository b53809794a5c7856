//! Writing GS1 data, for labels and for sample traffic.

use super::date::{Day, Today};
use super::error::UdiError;
use super::gs1::bracketed_identifier;
use super::gs1_ai::rule;
use super::{GS, Udi};
use std::collections::BTreeMap;

/// What a GS1 device label carries. Both writers check every value by the same table as the reader, so that
/// what they write reads back as the same label (dates within the century window of the reading year).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gs1Label {
    /// 14-digit GTIN with its check digit (AI 01).
    pub di: String,
    /// Day of manufacture (AI 11).
    pub manufactured: Option<Day>,
    /// Last day of use (AI 17).
    pub expires: Option<Day>,
    /// Batch or lot (AI 10).
    pub lot: Option<String>,
    /// Serial number (AI 21).
    pub serial: Option<String>,
    /// Further application identifiers and their values.
    pub other: BTreeMap<String, String>,
}

impl Gs1Label {
    /// A label with device identifier and serial number only.
    #[must_use]
    pub fn new(di: &str, serial: &str) -> Self {
        Self { di: di.to_owned(), serial: Some(serial.to_owned()), ..Self::default() }
    }

    /// The label a GS1 identifier was read from; `None` without a device identifier.
    #[must_use]
    pub fn of(udi: &Udi) -> Option<Self> {
        Some(Self {
            di: udi.di.clone()?,
            manufactured: udi.manufactured,
            expires: udi.expires,
            lot: udi.lot.clone(),
            serial: udi.serial.clone(),
            other: udi.other.clone(),
        })
    }

    /// The element string as a scanner delivers it: values of predefined length first, GS after each variable
    /// value unless last, no AIM prefix.
    ///
    /// # Errors
    /// The first value its application identifier cannot carry; `at` counts from the start of that value.
    pub fn element_string(&self) -> Result<String, UdiError> {
        let mut text = String::new();
        let mut open = false;
        for (code, value, predefined) in self.elements()? {
            if open {
                text.push(GS);
            }
            text.push_str(code);
            text.push_str(&value);
            open = !predefined;
        }
        Ok(text)
    }

    /// The text printed for people: identifiers in brackets, no separators.
    ///
    /// # Errors
    /// As [`element_string`](Self::element_string); also when a value holds a bracketed identifier itself, which
    /// no reader could tell from a new field.
    pub fn bracketed(&self) -> Result<String, UdiError> {
        let mut text = String::new();
        for (code, value, _) in self.elements()? {
            let opens =
                value.match_indices('(').find(|(index, _)| bracketed_identifier(&value[*index..]).is_some());
            if let Some((index, _)) = opens {
                return Err(UdiError::CharacterNotAllowed {
                    field: format!("AI {code}"),
                    character: '(',
                    allowed: "no bracketed application identifier in printed text",
                    at: index + 1,
                });
            }
            text.push_str(&format!("({code}){value}"));
        }
        Ok(text)
    }

    fn elements(&self) -> Result<Vec<(&str, String, bool)>, UdiError> {
        let mut all: Vec<(&str, String)> = vec![("01", self.di.clone())];
        all.extend(self.manufactured.map(|day| ("11", day.yymmdd())));
        all.extend(self.expires.map(|day| ("17", day.yymmdd())));
        all.extend(self.lot.clone().map(|lot| ("10", lot)));
        all.extend(self.serial.clone().map(|serial| ("21", serial)));
        all.extend(self.other.iter().map(|(code, value)| (code.as_str(), value.clone())));
        let mut checked = Vec::with_capacity(all.len());
        for (code, value) in all {
            let Some(rule) = rule(code) else {
                let identifier = code.to_owned();
                return Err(UdiError::UnknownIdentifier {
                    identifier,
                    kind: "GS1 application identifier",
                    at: 1,
                });
            };
            // Any year does: only whether the day exists matters, and that is asked of full dates already.
            rule.check(code, &value, 1, Today::from_year(2000))?;
            checked.push((code, value, rule.predefined));
        }
        checked.sort_by_key(|&(_, _, predefined)| !predefined);
        Ok(checked)
    }
}
