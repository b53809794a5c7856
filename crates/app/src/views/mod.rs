//! What use cases answer: plain values that a page renders and the API serialises. Nothing here decides.

mod account;
mod advisory;
mod backtest;
mod classification;
mod correction;
mod device;
mod finding;
mod import;
mod moment;
mod notice;
mod overview;
mod port;
mod review;
mod score;
mod shelf;
mod threat;
mod verdict_change;

pub use account::{AccountLine, AuditLine, FirstSteps, Mode, Session, SignOffLine};
pub use advisory::{
    AdvisoryIntake, AdvisoryLine, AdvisoryPage, ClauseLine, Damaged, RevisionLine, UnmatchedProduct,
};
pub use backtest::{Backtest, BacktestRow, Compared, MissingLine, OnFile, OnFileRow, Touching};
pub use classification::{Explained, OwnRules, RecogLine, RulesPage};
pub use correction::{CorrectionAsked, CorrectionLine, CorrectionState};
pub use device::{Choices, DeviceLine, DeviceList, DevicePage, FieldLine, FlowLine, Happening, StoredDevice};
pub use finding::{
    FindingLine, FindingList, FindingPage, SettledCondition, TriageLine, WorkItem, Worklist, WorklistDevice,
};
pub use import::{
    CaptureLine, CaptureReport, ColumnChoice, ImportLine, ImportReport, ListPreview, Mapping, RowOutcome,
    RowPreview, TableReport,
};
pub use moment::Moment;
pub use notice::{
    AnswerLine, AnswerPage, DeliveryLine, DraftEdit, DraftLine, DraftPage, HuddleItem, HuddleSheet,
    NoticeLine, NoticePage, PathEntry, PathPage, PathStep,
};
pub use overview::{Attention, Count, Hit, Overview, SearchResult};
pub use port::{PortList, PortReport};
pub use review::{PossibleMatch, ReviewList};
pub use score::ScoreLine;
pub use shelf::{CommentLine, Comparison, MatchLine, MatchList, RemedyCounts, RemedyMark, RunLine, RunList};
pub use threat::{ThreatIntake, ThreatLine, ThreatOutcome, ThreatTaken};
pub use verdict_change::{VerdictChange, VerdictChangeEvent, VerdictChanges};
