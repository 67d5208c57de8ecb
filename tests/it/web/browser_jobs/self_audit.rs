//! The self-audit: a campaign of last year's contracts drawn by one reviewer, looked through by another, completed, its report read; and the
//! auditor reads all of it and verifies the ledger.

use super::last_year;
use crate::support::{
    App, Person,
    hand::{Hand, by_both_hands},
};

by_both_hands! {
    fn a_self_audit_is_drawn_judged_completed_and_reported(app: &App, hand: Hand) {
        last_year(app);
        for person in [Person::Reviewer, Person::Reviewer2, Person::Auditor] {
            app.person(person);
        }
        let worker = app.worker(hand, "reviewer");
        worker.go_in(".nav", "自查");
        worker.go("新建自查");
        worker.write("/title", "2025 年度技术合同自查");
        worker.write("/year", "2025");
        worker.tick("/design/kind", "random");
        worker.write("/design/size", "3");
        worker.write("/design/seed", "公开的种子");
        worker.tick("/auditors", "reviewer2");
        worker.sound();
        worker.go_in("main form", "抽取并分配");
        worker.sees("已抽取并分配自查合同");
        worker.sees("共 3 份");
        worker.leave();
        drop(worker);

        let worker = app.worker(hand, "reviewer2");
        worker.go_in(".nav", "自查");
        worker.go_in("main table", "2025 年度技术合同自查");
        worker.go("我的待检查合同");
        worker.sound();
        for n in 0..3 {
            worker.go_in("main tbody tr:first-child td:last-child", "检查");
            if n == 0 {
                worker.tick("/verdict", "wrong");
                worker.write("/note", "与另一项登记为同一合同。");
                worker.choose("/ground", "duplicate");
                worker.sound();
            } else {
                worker.tick("/verdict", "right");
            }
            worker.go_in("main form", "记录结论");
            worker.sees("检查结论已记录");
        }
        worker.sees("无误 2 份，有误 1 份");
        worker.leave();
        drop(worker);

        let worker = app.worker(hand, "reviewer");
        worker.go_in(".nav", "自查");
        worker.go_in("main table", "2025 年度技术合同自查");
        worker.go("完成自查");
        worker.sees("将要撤销的合同");
        worker.write("/document_number", "兵科撤〔2026〕9号");
        worker.sound();
        worker.go_in("main form", "完成自查");
        worker.sees("自查已完成");
        worker.go("自查报告");
        worker.sees("33.33%");
        worker.sees("撤销登记 1 份");
        worker.sound();
        worker.leave();
        drop(worker);

        let worker = app.worker(hand, "auditor");
        worker.go_in(".nav", "自查");
        worker.go_in("main table", "2025 年度技术合同自查");
        worker.go("自查报告");
        worker.sees("33.33%");
        worker.go_in(".nav", "登记账");
        worker.sees("兵科撤〔2026〕9号");
        worker.go("核对全部");
        worker.sees("完整，没有改动");
        worker.sound();
        worker.leave();
    }
}
