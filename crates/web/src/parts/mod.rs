//! Pieces that several pages share.

mod bar;
mod cards;
mod field;
mod filter;
mod icon;
mod map;
mod mark;
mod notice;
mod score;
mod table;
mod upload;

pub(crate) use bar::{Share, bar, meters};
pub(crate) use cards::labelled;
pub(crate) use field::{Input, complaint_box, error_for, input, select, submit, textarea};
pub(crate) use filter::{Choice, filter_text, menu};
pub(crate) use icon::icon;
pub(crate) use map::talks_to;
pub(crate) use mark::{
    class_words, presence, status, status_short, subject_short, tier, tier_words, verdict,
};
pub(crate) use notice::{as_read, device_table, technical};
pub(crate) use score::score;
pub(crate) use table::{Order, count_line, damaged, empty, head, many, next_page, number, tabs, tabs_at};
pub(crate) use upload::{UploadForm, upload};
