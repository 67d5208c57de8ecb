//! The registrar: a new contract entered, checked and submitted; one that came back mended; one copied.

use serde_json::{Value, json};

use super::last_year;
use crate::support::{
    App, Person,
    hand::{Hand, Worker, by_both_hands},
    papers::small_pdf,
};

/// A contract of the registrar that the reviewer returned.
fn returned(app: &App, n: u32) -> Value {
    let contract = app.claimed(n);
    let items = json!([{"pointer": "/summary", "detail": "请写明交付内容"}]);
    let body = json!({"reason": "摘要过于简略。", "items": items});
    app.person(Person::Reviewer).act(&contract, "return", &body)
}

/// Fills in the whole form.
fn enter(worker: &Worker<'_>, n: u32) {
    for (name, value) in crate::web::entry::typed(n) {
        match name.as_str() {
            "/related_party" => worker.tick(&name, &value),
            "/signed_on" | "/begins_on" | "/ends_on" => worker.day(&name, &value),
            "/type" | "/subtype" | "/unit" | "/field" | "/plan_source" | "/ip_kind" | "/objective"
            | "/payment_mode" | "/cross_border" | "/seller/kind" | "/buyer/kind" | "/buyer/unit" => {
                worker.choose(&name, &value);
            }
            _ => worker.write(&name, &value),
        }
    }
}

by_both_hands! {
    fn a_contract_is_entered_and_another_mended(app: &App, hand: Hand) {
        last_year(app);
        let returned = returned(app, 7);
        let client = app.person(Person::Registrar);
        let state = |id: &str| client.get(&format!("/contracts/{id}")).expect(200)["state"].clone();
        let worker = app.worker(hand, "registrar");
        worker.sees("退回");
        worker.sound();
        worker.go_in(".nav", "录入合同");
        enter(&worker, 1);
        worker.sound();
        worker.go_in("#entry", "保存并检查提交");
        worker.sees("缺少必备附件");
        let text = app.folder.path().join("合同文本.pdf");
        std::fs::write(&text, small_pdf(1)).unwrap();
        worker.upload("file", text.to_str().unwrap());
        worker.go_in("#attachments", "添加附件");
        worker.sees_in("#attachments", "合同文本.pdf");
        worker.sound();
        let id = worker.browser.path().split('/').nth(2).unwrap().to_owned();
        worker.go_in(".decision", "提交");
        assert_eq!(worker.browser.path(), format!("/contracts/{id}?done=submit"));
        assert_eq!(state(&id), "submitted");
        worker.sound();

        // What came back is on the workbench; what is asked for leads to its field.
        worker.go_in(".nav", "工作台");
        worker.go_in("main table", "棉田残膜回收装备研制（7）");
        worker.sees("请写明交付内容");
        worker.sound();
        worker.go_in(".actions", "修改");
        worker.sees("摘要过于简略。");
        worker.sound();
        worker.press_in(".notice", "内容摘要");
        let summary = "乙方为甲方研制适应棉田的残膜回收装备，交付样机两台、图纸一套、田间试验报告一份，并培训操作人员。";
        worker.write("/summary", summary);
        worker.go_in("#entry", "保存并检查提交");
        worker.sees(summary);
        worker.go_in(".decision", "提交");
        let id = returned["id"].to_string();
        assert_eq!(worker.browser.path(), format!("/contracts/{id}?done=submit"));
        assert_eq!(state(&id), "submitted");

        // The next one of the same parties begins as a copy.
        worker.go_in(".actions", "复制为新草稿");
        worker.sees("已复制为新草稿");
        assert_eq!(worker.standing("/seller/name"), "石河子某某科技有限公司7");
        worker.write("/project_name", "棉田残膜回收装备研制三期");
        worker.go_in("#entry", "保存草稿");
        worker.sees("已保存");
        worker.leave();
    }
}
