//! What the statistician keeps beside the contracts: an activity recorded, changed and removed; a paragraph of the report with a figure in it.

use super::last_year;
use crate::support::{
    App, Person,
    hand::{Hand, by_both_hands},
};

by_both_hands! {
    fn an_activity_and_a_paragraph_are_kept(app: &App, hand: Hand) {
        last_year(app);
        app.person(Person::Statistician);
        let worker = app.worker(hand, "statistician");
        worker.go_in(".nav", "统计");
        worker.go_in(".ways", "市场活动");
        worker.go_in("main", "新增");
        worker.write("/name", "技术合同登记政策宣讲会");
        worker.choose("/kind", "政策宣讲");
        worker.day("/held_on", "2025-09-16");
        worker.choose("/unit", "div_08");
        worker.sound();
        worker.go_in("main form", "保存");
        worker.sees("已新建");
        worker.go_in("main", "修改");
        worker.write("/name", "技术合同登记政策宣讲会（第二场）");
        worker.go_in("main form", "保存");
        worker.sees("技术合同登记政策宣讲会（第二场）");
        worker.sound();
        worker.go_in("main", "删除");
        worker.go_in("main form", "删除");
        worker.sees("已删除");

        worker.go_in(".nav", "统计");
        worker.go_in(".ways", "补充段落");
        worker.go_in("main", "新增段落");
        worker.write("/text", "全年成交额 {{total.amount|yi_yuan|2}} 亿元，八师居前。");
        worker.go_in("main form", "预览");
        worker.sees_in("#preview", "亿元，八师居前。");
        worker.sound();
        worker.go_in("main form", "保存");
        worker.sees_in("#problem", "所在章");
        worker.press_in("#problem", "所在章");
        worker.choose("/chapter", "summary");
        worker.go_in("main form", "保存");
        worker.sees("已新建");
        worker.go_in(".ways", "报告");
        worker.sees_in(".report", "亿元，八师居前。");
        worker.leave();
    }
}
