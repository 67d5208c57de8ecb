//! Tests of whole reports: the sample's, and made-up years.

mod published;
