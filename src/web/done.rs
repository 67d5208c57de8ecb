//! What was just done, in words, where it is no act on a contract. Pages are told it by `?done=<id>`.

/// Ids and words.
const WORDS: &[(&str, &str)] = &[
    ("convened", "已召集论证，专家会收到通知。"),
    ("recused", "已登记回避。"),
    ("opinion", "意见已提交。表决结束前可以修改。"),
    ("voting-closed", "表决已结束，专家组可以看到全部意见。"),
    ("voting-opened", "已开启下一轮表决，专家会收到通知。"),
    ("concluded", "已形成论证结论。"),
    ("audit", "已抽取并分配自查合同。"),
    ("finding", "检查结论已记录。"),
    ("assigned", "已重新分配。"),
    ("completed", "自查已完成。"),
    ("abandoned", "自查已终止。"),
    ("issued", "证书已发放。"),
    ("renewed", "证书已续期。"),
    ("suspended", "证书已暂停。"),
    ("lifted", "证书已恢复。"),
    ("participants", "参加人员已登记。"),
    ("locked", "账号已锁定。"),
    ("unlocked", "账号可以登录，登录失败记录已清除。"),
    ("read", "已全部标为已读。"),
    ("session_ended", "该处登录已结束。"),
    ("others_ended", "其他登录已全部结束。"),
    ("retry", "邮件已重新排入发送。"),
];

/// The words of an id.
pub fn words(id: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == id).map(|(_, words)| *words)
}
