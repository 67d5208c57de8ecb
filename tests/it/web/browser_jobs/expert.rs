//! Experts: a panel is convened, one stays out of a contract, the chair says what to say on both, concludes, and the minutes are read.

use dengji::domain::account::Role;
use serde_json::{Value, json};

use super::last_year;
use crate::support::{
    App, Person,
    hand::{Hand, by_both_hands},
};

fn referred(app: &App, n: u32) -> Value {
    let contract = app.claimed(n);
    app.person(Person::Reviewer).act(
        &contract,
        "refer",
        &json!({"reason": "金额大，是否属于技术开发难以判断"}),
    )
}

by_both_hands! {
    fn a_panel_is_convened_heard_and_concluded(app: &App, hand: Hand) {
        last_year(app);
        let contracts = [referred(app, 1), referred(app, 2)];
        app.person(Person::Expert);
        let others = ["e1", "e2", "e3"].map(|name| app.add_user(name, &[Role::Expert], None, None));
        let worker = app.worker(hand, "reviewer");
        worker.go_in(".nav", "专家论证");
        worker.go_in("main", "召集论证");
        worker.write("/title", "2026 年第一次论证");
        for expert in ["expert", "e1", "e2", "e3"] {
            worker.tick("/experts", expert);
        }
        worker.choose("/chair", "expert");
        for contract in &contracts {
            worker.tick("/contracts", &contract["id"].to_string());
        }
        worker.sound();
        worker.go_in("main form", "召集");
        worker.sees("已召集论证");
        let panel = worker.browser.path().split('?').next().unwrap().to_owned();
        worker.leave();
        drop(worker);

        // One is a relative of the second buyer: out of that contract, not of the other.
        let worker = app.worker(hand, "e3");
        worker.go_in("main", "2026 年第一次论证");
        worker.sees_in("#contracts", "棉田残膜回收装备研制（2）");
        worker.go_in("main", "申明回避");
        worker.choose("/contract_id", &contracts[1]["id"].to_string());
        worker.write("/reason", "与买方负责人有亲属关系");
        worker.sound();
        worker.go_in("main form", "申明回避");
        worker.sees("已登记回避");
        worker.go_in("#contracts", "发表意见");
        worker.sees("棉田残膜回收装备研制（1）");
        worker.tick("/vote", "recognise");
        worker.write("/text", "研制目标明确。");
        worker.go_in("main form", "提交意见");
        worker.sees("意见已提交");
        worker.leave();
        drop(worker);
        for client in &others[..2] {
            for contract in &contracts {
                let body = json!({"contract_id": contract["id"], "vote": "recognise", "text": "同意。"});
                client.post(&format!("{panel}/opinions"), &body).expect(201);
            }
        }

        let worker = app.worker(hand, "expert");
        worker.go_in("main", "2026 年第一次论证");
        worker.sound();
        worker.go_in("#contracts", "发表意见");
        worker.tick("/vote", "recognise");
        worker.write("/text", "有创新性，属于技术开发。");
        worker.go_in("main form", "提交意见");
        worker.sees("意见已提交");
        // The second vote is another one than the rest's, with what is to be adjusted.
        worker.go_in("#contracts tr:nth-child(2)", "发表意见");
        worker.sees("棉田残膜回收装备研制（2）");
        worker.tick("/vote", "recognise_with_changes");
        worker.write("/text", "设备采购应当扣除。");
        worker.write("/technology_amount_fen", "800000");
        worker.sound();
        worker.go_in("main form", "提交意见");
        worker.sees("设备采购应当扣除。");
        for reason in ["一致同意。", "多数同意。"] {
            worker.go_in("#contracts", "结束表决");
            worker.sound();
            worker.go_in("main form", "结束表决");
            worker.sees("表决已结束");
            worker.go_in("#contracts", "形成结论");
            worker.write("/reason", reason);
            worker.sound();
            worker.go_in("main form", "形成结论");
            worker.sees("已形成论证结论");
            worker.sees_in("#contracts", reason);
        }
        worker.go("论证纪要");
        worker.sees("与买方负责人有亲属关系");
        worker.sees("设备采购应当扣除。");
        worker.sound();
        worker.press_on("下载 PDF");
        assert!(worker.downloaded(".pdf").starts_with(b"%PDF"));
        worker.leave();
        let client = app.person(Person::Reviewer);
        for contract in &contracts {
            let now = client.get(&format!("/contracts/{}", contract["id"])).expect(200);
            assert_eq!((&now["state"], &now["expert_conclusion"]["conclusion"]), (&json!("under_review"), &json!("recognise")));
        }
    }
}
