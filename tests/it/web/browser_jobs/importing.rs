//! A file taken in: a dry run, what is wrong got back in the marked workbook, then for good.

use crate::support::{
    App, Person,
    hand::{Hand, by_both_hands},
};

by_both_hands! {
    fn registrars_are_imported(app: &App, hand: Hand) {
        app.person(Person::Administrator);
        let right = concat!(env!("CARGO_MANIFEST_DIR"), "/config/demo/registrars.csv");
        let text = std::fs::read_to_string(right).unwrap();
        let wrong = app.folder.path().join("登记员.csv");
        std::fs::write(&wrong, text.replacen("2022-03-13", "2022年2月30日", 1)).unwrap();
        let worker = app.worker(hand, "administrator");
        worker.go_in(".nav", "导入");
        worker.press_on("登记员证书模板");
        assert!(worker.downloaded(".xlsx").starts_with(b"PK"));
        std::fs::remove_dir_all(worker.browser.downloads()).unwrap();
        worker.tick("/kind", "registrars");
        worker.upload("file", wrong.to_str().unwrap());
        worker.sound();
        worker.go_in("main form", "上传");
        worker.sees("取回标出错误的工作簿");
        worker.sees("2022年2月30日");
        worker.sound();
        worker.press_on("下载工作簿");
        assert!(worker.downloaded(".xlsx").starts_with(b"PK"));
        worker.go_in("main", "返回导入");
        worker.tick("/kind", "registrars");
        worker.upload("file", right);
        worker.go_in("main form", "上传");
        worker.sees("试运行通过");
        worker.sound();
        worker.go_in("main form", "正式导入");
        worker.sees("导入完成");
        worker.sound();
        worker.go_in(".nav", "登记员证书");
        worker.sees("DJY6620220001");
        worker.leave();
    }
}
