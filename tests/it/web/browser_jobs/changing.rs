//! A confirmed contract that changes: the registrar asks, the reviewer compares and approves, the registrar reads of it; a request to cancel
//! is taken back.

use serde_json::json;

use super::{find, last_year};
use crate::support::{
    App, Person,
    hand::{Hand, by_both_hands},
};

by_both_hands! {
    fn a_change_is_asked_for_and_approved(app: &App, hand: Hand) {
        last_year(app);
        let contract = app.confirmed(1);
        let new = "棉田残膜回收装备研制与示范";
        let worker = app.worker(hand, "registrar");
        find(&worker, "棉田残膜回收装备研制（1）");
        worker.go_in(".actions", "变更");
        worker.write("/reason", "补充协议约定更名");
        worker.write("/changes/project_name", new);
        worker.sound();
        worker.go_in("main form", "提交申请");
        worker.sees("已提交");
        worker.sees(new);
        worker.leave();
        drop(worker);

        let worker = app.worker(hand, "reviewer");
        worker.sees("待审核的变更与注销");
        worker.go_in(".nav", "变更与注销");
        worker.go_in("main table", "棉田残膜回收装备研制（1）");
        worker.sees(new);
        worker.sound();
        worker.go_in("main", "批准");
        worker.write("/note", "与补充协议相符");
        worker.sound();
        worker.go_in("main form", "批准");
        worker.sees("已办理");
        worker.leave();
        drop(worker);
        let client = app.person(Person::Registrar);
        let now = client.get(&format!("/contracts/{}", contract["id"])).expect(200);
        assert_eq!((&now["project_name"], &now["revision"]), (&json!(new), &json!(contract["revision"].as_i64().unwrap() + 1)));

        let worker = app.worker(hand, "registrar");
        worker.go_in(".nav", "消息");
        worker.sound();
        worker.go_in("main tbody tr:first-child", "");
        worker.sees_in("h1", "变更");
        worker.sound();
        find(&worker, new);
        worker.go_in(".actions", "注销");
        worker.tick("/ground", "rescinded");
        worker.write("/reason", "双方协商解除");
        worker.sound();
        worker.go_in("main form", "提交申请");
        worker.sees("已提交");
        worker.go_in("main", "撤回申请");
        worker.write("/reason", "继续履行");
        worker.go_in("main form", "撤回申请");
        worker.sees("已办理");
        worker.leave();
        assert_eq!(client.get(&format!("/contracts/{}", contract["id"])).expect(200)["state"], "confirmed");
    }
}
