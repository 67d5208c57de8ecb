//! `/users`: accounts.

pub mod acts;
pub mod edit;
pub mod list;

use crate::{domain::account::Role, usecases::users::UserView};

use super::{field::Choice, key_page::segment, table::Cell};

/// Where accounts are.
const PLACE: &str = "/users";

pub(super) fn address_of(username: &str) -> String {
    format!("{PLACE}/{}", segment(username))
}

fn roles(view: &UserView) -> String {
    let roles: Vec<&str> = view.account.roles.iter().map(|r| r.label()).collect();
    roles.join("、")
}

fn standing(view: &UserView) -> Cell {
    if view.account.locked_at.is_some() {
        Cell::mark("已锁定", "over")
    } else if view.password.must_change {
        Cell::mark("须修改密码", "wait")
    } else {
        Cell::mark("可用", "good")
    }
}

/// The roles, with what each is for.
fn role_choices() -> Vec<Choice> {
    Role::ALL
        .into_iter()
        .map(|role| Choice {
            hint: match role {
                Role::Registrar => "录入、提交本机构的合同；须填登记机构和证书。",
                Role::Reviewer => "审核、撤销、召集论证、组织自查。",
                Role::Expert => "只看到所参加论证的合同，发表意见。",
                Role::Statistician => "统计、年报、年度封账。",
                Role::Auditor => "查看一切，不作更改；不得兼任其他角色。",
                Role::Administrator => "账号、机构、证书、培训；不得兼任其他角色。",
            }
            .to_owned(),
            ..Choice::new(role.id(), role.label())
        })
        .collect()
}
