//! Figures, tables, printable sheets, charts.
