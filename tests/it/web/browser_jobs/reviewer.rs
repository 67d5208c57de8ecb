//! The reviewer: contracts found and claimed; one returned with what is to be mended, one confirmed, its certificate and the page on paper.

use serde_json::json;

use super::{find, last_year};
use crate::support::{
    App, Person,
    hand::{Hand, by_both_hands},
};

by_both_hands! {
    fn contracts_are_claimed_returned_and_confirmed(app: &App, hand: Hand) {
        last_year(app);
        let (first, second) = (app.submitted(1), app.submitted(2));
        let client = app.person(Person::Reviewer);
        let now = |contract: &serde_json::Value| client.get(&format!("/contracts/{}", contract["id"])).expect(200);
        let worker = app.worker(hand, "reviewer");
        worker.sees("待领取");
        worker.sound();
        find(&worker, "棉田残膜回收装备研制（1）");
        worker.sound();
        worker.go_in(".actions", "领取");
        worker.go_in(".actions", "退回补正");
        worker.write("/reason", "金额与合同文本不符。");
        worker.choose("/items/0/pointer", "/amount_fen");
        worker.write("/items/0/detail", "合同文本第三条为 130 万元");
        worker.sound();
        worker.go_in("main form", "退回补正");
        worker.sees("金额与合同文本不符。");
        assert_eq!(now(&first)["state"], "returned");
        assert_eq!(now(&first)["returned"]["items"][0]["pointer"], "/amount_fen");

        find(&worker, "棉田残膜回收装备研制（2）");
        worker.go_in(".actions", "领取");
        worker.go_in(".actions", "审核确认");
        worker.choose("/verified_type", "service");
        worker.choose("/verified_subtype", "一般技术服务");
        worker.write("/verified_technology_amount_fen", "900000");
        worker.write("/note", "按合同第四条核定");
        worker.sound();
        worker.go_in("main form", "审核确认");
        worker.sees("2026660008");
        let confirmed = now(&second);
        assert_eq!(confirmed["state"], "confirmed");
        assert_eq!((&confirmed["type"], &confirmed["technology_amount_fen"]), (&json!("service"), &json!(90_000_000)));
        worker.sound();
        worker.press_in(".contract-head", "下载 PDF");
        assert!(worker.downloaded(".pdf").starts_with(b"%PDF"));
        assert!(worker.browser.print("job-reviewer").starts_with(b"%PDF"));
        worker.go_in(".nav", "工作台");
        worker.leave();
    }

    fn many_are_claimed_and_handed_over(app: &App, hand: Hand) {
        last_year(app);
        let contracts = [app.submitted(1), app.submitted(2), app.submitted(3)];
        app.person(Person::Reviewer2);
        let client = app.person(Person::Reviewer);
        let now = |contract: &serde_json::Value| client.get(&format!("/contracts/{}", contract["id"])).expect(200);
        let key = |contract: &serde_json::Value| format!("{}:{}", contract["id"], contract["version"]);
        let worker = app.worker(hand, "reviewer");
        worker.go_in(".cards", "待领取");
        worker.write("q", "棉田残膜回收装备研制（");
        worker.go_in("form.search", "查找");
        for contract in &contracts {
            worker.tick("ids", &key(contract));
        }
        worker.sees("已选 3 项");
        worker.go("领取所选");
        worker.sees("已领取 3 项");
        worker.sound();
        worker.go_in(".nav", "工作台");
        worker.go_in(".cards", "我领取的");
        for contract in &contracts[..2] {
            worker.tick("ids", &key(&now(contract)));
        }
        worker.go("移交所选");
        worker.choose("/to", "reviewer2");
        worker.write("/reason", "下周出差");
        worker.sound();
        worker.go_in("main form", "移交");
        worker.sees("棉田残膜回收装备研制（3）");
        let holders = contracts.each_ref().map(|contract| now(contract)["claimed_by"].clone());
        assert_eq!(holders, [json!("reviewer2"), json!("reviewer2"), json!("reviewer")]);
        worker.leave();
    }
}
