//! The administrator: an agency, a certificate and an account are made, who gets it logs in for the first time, certificate and account are
//! suspended; and the auditor reads what was done.

use super::last_year;
use crate::support::{
    App, Person,
    hand::{Hand, by_both_hands},
};

by_both_hands! {
    fn a_registrar_is_appointed_and_suspended(app: &App, hand: Hand) {
        last_year(app);
        app.person(Person::Administrator);
        app.person(Person::Auditor);
        let worker = app.worker(hand, "administrator");
        worker.go_in(".nav", "登记机构");
        worker.go("新建登记机构");
        worker.write("/name", "石河子高新区技术合同登记站");
        worker.write("/code", "660099");
        worker.sound();
        worker.go_in("main form", "新建");
        worker.sees("已新建");
        worker.sees("石河子高新区技术合同登记站");
        worker.go_in(".nav", "登记员证书");
        worker.sound();
        worker.go("发放证书");
        worker.write("/certificate_number", "DJY6620260080");
        worker.write("/name", "张新");
        worker.choose("/agency", "石河子高新区技术合同登记站");
        worker.day("/issued_on", "2026-06-10");
        worker.sound();
        worker.go_in("main form", "发放");
        worker.sees("证书已发放");
        worker.go_in(".nav", "账号");
        worker.go("新建账号");
        worker.write("/username", "zhang.xin");
        worker.tick("/roles", "registrar");
        worker.choose("/agency", "石河子高新区技术合同登记站");
        worker.write("/certificate", "DJY6620260080");
        worker.write("/full_name", "张新");
        worker.sound();
        worker.go_in("main form", "新建");
        worker.sees("只显示这一次");
        let given = worker.browser.text("#password");
        worker.go("完成");
        worker.sees("DJY6620260080");
        worker.leave();
        drop(worker);

        // Who gets the account must give it a password first.
        let chosen = "旱田的胡杨三月不落叶子也不开花";
        let worker = app.worker_with(hand, "zhang.xin", &given);
        worker.sees("须先修改密码");
        worker.sound();
        worker.write("/current_password", &given);
        worker.write("/new_password", chosen);
        worker.write("/repeated", chosen);
        worker.go_in("main form", "修改密码");
        worker.sees("密码已修改");
        worker.go_in(".nav", "录入合同");
        worker.leave();
        drop(worker);

        let worker = app.worker(hand, "administrator");
        worker.go_in(".nav", "登记员证书");
        worker.choose("agency", "石河子高新区技术合同登记站");
        worker.go_in("form.filters", "筛选");
        worker.go_in("main table", "DJY6620260080");
        worker.go("暂停");
        worker.write("/reason", "登记材料不实");
        worker.go_in("main form", "暂停");
        worker.sees("证书已暂停");
        worker.go_in(".nav", "账号");
        worker.write("q", "张新");
        worker.go_in("form.filters", "筛选");
        worker.go_in("main table", "zhang.xin");
        worker.go("锁定");
        worker.write("/reason", "调离岗位");
        worker.sound();
        worker.go_in("main form", "锁定");
        worker.sees("账号已锁定");
        worker.sound();
        worker.leave();
        drop(worker);

        let worker = app.worker(hand, "auditor");
        worker.go_in(".nav", "登记账");
        worker.go("看账户账");
        worker.sees("调离岗位");
        worker.go("核对全部");
        worker.sees("完整，没有改动");
        worker.leave();
    }
}
