//! A self-audit's scope and design in words, as pages and reports write them.

use super::{Design, Filter, StratifyBy};
use crate::domain::{catalogue::Catalogue, code_list::ListName, money::Fen};

/// A share as people write it, `0.0523` as `5.23%`.
pub fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

impl Filter {
    /// Of which contracts is drawn: 当年确认且有效的登记合同，归属单位为八师. `wan` writes amounts in 万元.
    pub fn in_words(&self, catalogue: &Catalogue, wan: impl Fn(Fen) -> String) -> String {
        let coded = [
            ("归属单位", ListName::Unit, &self.unit),
            ("合同类别", ListName::Type, &self.contract_type),
            ("技术领域", ListName::Field, &self.field),
        ];
        let mut parts: Vec<String> = coded
            .into_iter()
            .filter_map(|(name, list, id)| {
                let id = id.as_deref()?;
                Some(format!("{name}为{}", catalogue.list(list).label(id).unwrap_or(id)))
            })
            .collect();
        if let Some(agency) = &self.agency {
            parts.push(format!("登记机构为 {agency}"));
        }
        if let Some(fen) = self.amount_from_fen {
            parts.push(format!("合同成交额不低于 {} 万元", wan(fen)));
        }
        if let Some(fen) = self.amount_to_fen {
            parts.push(format!("合同成交额不高于 {} 万元", wan(fen)));
        }
        if parts.is_empty() {
            "当年确认且有效的全部登记合同".to_owned()
        } else {
            format!("当年确认且有效的登记合同，{}", parts.join("，"))
        }
    }
}

impl Design {
    /// How the sample is drawn: 分层随机抽样，按归属单位分层，5.00%（每层至少 1 份），种子“2025”.
    pub fn in_words(&self) -> String {
        let mut text = self.label().to_owned();
        match self {
            Self::All => {}
            Self::Random { size, .. } | Self::AmountWeighted { size, .. } | Self::RiskyFirst { size } => {
                text.push_str(&format!("，{size} 份"));
            }
            Self::Stratified { by, size, rate, .. } => {
                let names: Vec<&str> = by.iter().copied().map(StratifyBy::label).collect();
                text.push_str(&format!("，按{}分层", names.join("、")));
                if let Some(size) = size {
                    text.push_str(&format!("，{size} 份（每层至少 1 份）"));
                }
                if let Some(rate) = rate {
                    text.push_str(&format!("，{}（每层至少 1 份）", percent(*rate)));
                }
            }
        }
        if let Some(seed) = self.seed() {
            text.push_str(&format!("，种子“{seed}”"));
        }
        text
    }
}
