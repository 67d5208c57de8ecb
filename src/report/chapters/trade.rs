//! 五、技术交易流向, 六、不同交易主体成交情况, 七、技术交易领域构成.

use super::{Chapter, PERCENT, WAN, labels, series};
use crate::{
    report::{
        claims::{change, fastest, followers, is_bulk, leader, missing, ranking},
        model::ChartKind,
        template::{Phrase, words},
        view::{Item, Trend, View},
    },
    statistics::Section,
};

/// 五.
pub fn flows(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("flows");
    chapter.heading(1, "五、技术交易流向");
    chapter.say(flow_sentences(view, "（图 7）"));
    let items = view.items(Section::Flows);
    chapter.chart(
        7,
        &format!("{} 年技术交易流向占比", view.figures.year),
        ChartKind::Doughnut,
        labels(&items),
        vec![series(view, &items, "成交额占比", PERCENT, "share")],
    );
    chapter
}

/// Where the technology went.
pub fn flow_sentences(view: &View<'_>, at: &str) -> [Option<Phrase>; 2] {
    let items = view.items(Section::Flows);
    if view.total().contracts == 0 {
        return [None, None];
    }
    let part = |item: &Item| {
        if item.contracts == 0 {
            return words!(view, "无流向{f}的合同", f = item);
        }
        let clauses = [
            words!(view, "流向{f}的 {f.contracts} 项，成交额 {f.amount} 万元", f = item),
            // Of nothing there is no share.
            words!(view, "占总成交额的 {f.share}", f = item),
        ];
        Some(Phrase::join(clauses.into_iter().flatten(), "，"))
    };
    let parts = Phrase::join(items.iter().filter_map(part), "；").then(at);
    let list = words!(view, "{span}登记的技术合同中，{parts}", parts = parts);
    let groups = ranking(&items, |item| item.amount);
    let most = match groups.first().map(Vec::as_slice) {
        Some([first]) if is_bulk(view, first) => words!(view, "技术交易以流向{f}为主", f = first),
        Some([first]) => words!(view, "流向{f}的成交额最多", f = first),
        _ => None,
    };
    [Phrase::sentence([list]), Phrase::sentence([most])]
}

/// 六.
pub fn sellers(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("sellers");
    chapter.heading(1, "六、不同交易主体成交情况");
    chapter.say(seller_sentences(view, "（图 8）"));
    let items = view.items(Section::Sellers);
    chapter.chart(
        8,
        &format!("{} 年不同交易主体成交额占比", view.figures.year),
        ChartKind::Doughnut,
        labels(&items),
        vec![series(view, &items, "成交额占比", PERCENT, "share")],
    );
    chapter
}

/// Who sold.
pub fn seller_sentences(view: &View<'_>, at: &str) -> [Option<Phrase>; 3] {
    let items = view.items(Section::Sellers);
    if view.total().contracts == 0 {
        return [None, None, None];
    }
    let part = |item: &Item| {
        let clauses = [
            words!(view, "{s}登记合同 {s.contracts} 项，成交额 {s.amount} 万元", s = item),
            // Of nothing there is no share.
            words!(view, "占比 {s.share}", s = item),
        ];
        Some(Phrase::join(clauses.into_iter().flatten(), "，"))
    };
    let some: Vec<&Item> = items.iter().filter(|item| item.contracts > 0).collect();
    let parts = Phrase::join(some.into_iter().filter_map(part), "；").then(at);
    let list = words!(view, "按卖方类型分，{parts}", parts = parts);
    let groups = ranking(&items, |item| item.amount);
    let most = match groups.first().map(Vec::as_slice) {
        Some([first]) if is_bulk(view, first) => {
            let moved = match first.trend() {
                Trend::New => change(view, first, 1),
                Trend::FromNought => change(view, first, 1).map(|change| Phrase::label("其").then(change)),
                _ => change(view, first, 1).map(|change| Phrase::label("其成交额").then(change)),
            };
            let is_main = words!(view, "{s}是主要交易主体", s = first);
            Phrase::join([is_main, moved].into_iter().flatten(), "，")
        }
        Some([first]) => words!(view, "{s}成交额最多", s = first).unwrap_or_default(),
        _ => Phrase::default(),
    };
    let most = (!most.is_empty()).then_some(most);
    [
        Phrase::sentence([list]),
        Phrase::sentence([most]),
        missing(view, &items, "作为卖方的合同", "类型的卖方的合同"),
    ]
}

/// 七.
pub fn fields(view: &View<'_>) -> Chapter {
    let mut chapter = Chapter::new("fields");
    chapter.heading(1, "七、技术交易领域构成");
    chapter.say(field_sentences(view, "（图 9、图 10）"));
    let items = view.items(Section::Fields);
    let year = view.figures.year;
    chapter.chart(
        9,
        &format!("{year} 年技术领域成交额"),
        ChartKind::Bars,
        labels(&items),
        vec![series(view, &items, "成交额", WAN, "amount")],
    );
    chapter.chart(
        10,
        &format!("{year} 年各技术领域成交额占比"),
        ChartKind::Doughnut,
        labels(&items),
        vec![series(view, &items, "成交额占比", PERCENT, "share")],
    );
    chapter
}

/// Which fields come first, which grew fastest.
pub fn field_sentences(view: &View<'_>, at: &str) -> [Option<Phrase>; 5] {
    let items = view.items(Section::Fields);
    let groups = ranking(&items, |item| item.amount);
    let (first, second) = match groups.as_slice() {
        [] => return [None, None, None, None, None],
        [first, rest @ ..] => (first.as_slice(), rest.first().map(Vec::as_slice)),
    };
    let head = match first {
        [only] if groups.len() > 1 => words!(
            view,
            "{f}领域技术合同项数和成交额分别为 {f.contracts} 项和 {f.amount} 万元，占总成交额的 {f.share}，居首位{at}",
            f = only,
            at = at
        ),
        _ => leader(view, &items, &groups, true, "领域").map(|said| said.then(at)),
    };
    let next = match (first, second) {
        ([_], Some([second])) => Phrase::sentence([words!(
            view,
            "{f}领域次之，成交额 {f.amount} 万元，占总成交额的 {f.share}",
            f = second
        )]),
        _ => Phrase::sentence([followers(view, &groups, "领域")]),
    };
    // After the first two; each with its amount.
    let later: Vec<&Item> = groups.iter().skip(2).flatten().copied().collect();
    let named = view.office.named_at_most.min(later.len());
    let one = |item: &&Item| words!(view, "{f}（{f.amount} 万元）", f = item);
    let list = Phrase::join(later.iter().take(named).filter_map(one), "、");
    let later = (matches!((first, second), ([_], Some([_]))) && named > 0)
        .then(|| words!(view, "其后为{list}", list = list))
        .flatten();
    [
        Phrase::sentence([head]),
        next,
        Phrase::sentence([later]),
        fastest(view, &items, "领域"),
        missing(view, &items, "领域的合同", "领域的合同"),
    ]
}
