//! Claims that many chapters make: it grew or fell, these did and those did not, this comes first. The words are chosen by the exact
//! figures; only where growth prints as zero is it called nearly the same.

use super::{
    template::{Form, Phrase, number, words},
    view::{Item, Trend, View, is_bulk_of},
};
use crate::{domain::money::Fen, statistics::PrintedUnit};

/// Labels one after the other: 八师、六师.
pub fn listed<'i>(items: impl IntoIterator<Item = &'i Item>) -> Phrase {
    Phrase::join(items.into_iter().map(|item| Phrase::label(&*item.label)), "、")
}

/// A small whole number in words: 十八. Figures are digits; how many items a sentence leaves out is none of them.
pub fn in_words(n: usize) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |n: usize| DIGITS.get(n).copied().unwrap_or_default();
    match n {
        0..=9 => digit(n).to_owned(),
        10..=99 => {
            let (tens, ones) = (n / 10, n % 10);
            let tens = if tens == 1 { "" } else { digit(tens) };
            format!("{tens}十{}", if ones == 0 { "" } else { digit(ones) })
        }
        _ => "众多".to_owned(),
    }
}

/// The first of the items, as many as the office names, and how many there are where there are more: 一师、二师、三师、四师等十八个单位.
pub fn named<'i>(view: &View<'_>, items: impl IntoIterator<Item = &'i Item>, one: &str) -> Phrase {
    let items: Vec<&Item> = items.into_iter().collect();
    let most = view.office.named_at_most;
    if items.len() <= most {
        return listed(items);
    }
    let count = in_words(items.len());
    listed(items.into_iter().take(most)).then(Phrase::label(format!("等{count}个{one}")))
}

/// One figure of each item: 101.6%、130.6%.
pub fn each<'i>(view: &View<'_>, items: impl IntoIterator<Item = &'i Item>, measure: &str, form: Form) -> Phrase {
    let figure = |item: &Item| view.figure(&format!("{}.{measure}", item.key), form);
    Phrase::join(items.into_iter().filter_map(figure), "、")
}

/// With so many decimals.
pub fn decimals(decimals: u32) -> Form {
    Form {
        decimals: Some(decimals),
        ..Form::default()
    }
}

/// With so many decimals, the sign being said in words.
pub fn unsigned(decimals: u32) -> Form {
    Form {
        abs: true,
        ..self::decimals(decimals)
    }
}

/// How the amount moved: 较上年增长 33%, with so many decimals, or with one where that would print nothing; `None` where there is nothing
/// to compare and nothing to say, and of what is not registered any more.
pub fn change(view: &View<'_>, item: &Item, digits: u32) -> Option<Phrase> {
    let name = format!("{}.growth", item.key);
    let form = rate_form(view, &name, digits);
    let rate = || view.figure(&name, form);
    match item.trend() {
        Trend::Fell if item.amount == 0 => None,
        Trend::Level if item.amount == 0 => None,
        Trend::Grew => words!(view, "较{before}增长 {rate}", rate = rate()),
        Trend::Fell => words!(view, "较{before}下降 {rate}", rate = rate()),
        Trend::Level if item.is_exactly_level() => words!(view, "与{before}持平"),
        Trend::Level => words!(view, "与{before}基本持平"),
        Trend::New if !view.knows_before() => None,
        Trend::New => words!(view, "{before}未登记"),
        Trend::FromNought => words!(view, "{before}成交额为零"),
        Trend::Never | Trend::Ended => None,
    }
}

/// The most decimals of a rate; a fall that leaves something of the largest sums does not print as all of it in so many.
pub const MOST_DECIMALS: u32 = 10;

/// A rate with so many decimals, or with as many more as it takes to print something of it, and something left where something is.
fn rate_form(view: &View<'_>, name: &str, digits: u32) -> Form {
    if prints_as_zero(view, name, unsigned(digits)) {
        return unsigned(1);
    }
    let leaves_something = |form: &Form| !falls_to_nothing(view, name, *form);
    let mut forms = (digits..=MOST_DECIMALS).map(unsigned);
    forms.find(leaves_something).unwrap_or(unsigned(MOST_DECIMALS))
}

/// Below one tenth of 亿元 an amount is told in 万元, of which it has more digits.
const YI_FROM: Fen = 1_000_000_000;

/// An amount in 亿元, or in 万元 where it is small: 10.83 亿元, 12.35 万元.
pub fn money(view: &View<'_>, name: &str) -> Option<Phrase> {
    let form = |unit| Form {
        unit: Some(unit),
        ..Form::default()
    };
    let yi = form(PrintedUnit::YiYuan);
    if (0..YI_FROM).contains(&view.whole(name)) {
        return Some(view.figure(name, form(PrintedUnit::WanYuan))?.then(" 万元"));
    }
    Some(view.figure(name, yi)?.then(" 亿元"))
}

/// Whether a figure prints as nothing but zeros in that form: then it is not worth a word.
pub fn prints_as_zero(view: &View<'_>, name: &str, form: Form) -> bool {
    let number = view.value(name).and_then(|value| number(name, value, form));
    number.is_some_and(|number| !number.text.contains(|c: char| matches!(c, '1'..='9')))
}

/// Whether a fall prints as one of 100 % in that form, as if nothing were left.
pub fn falls_to_nothing(view: &View<'_>, name: &str, form: Form) -> bool {
    let Some(value) = view.value(name) else { return false };
    let falls = value.compare_to(0).is_some_and(std::cmp::Ordering::is_lt);
    let is_all = |text: &str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        whole == "100" && fraction.bytes().all(|digit| digit == b'0')
    };
    falls && number(name, value, form).is_some_and(|number| is_all(number.text.trim_end_matches('%')))
}

/// Which of the items grew and which fell, as one sentence; none where nothing is known of what they were. `all` is what they are
/// together (各单位), `one` what one of them is (单位).
pub fn comparison(view: &View<'_>, items: &[Item], all: &str, one: &str) -> Option<Phrase> {
    if !view.knows_before() {
        return None;
    }
    let which = |trend: Trend| -> Vec<&Item> { items.iter().filter(|item| item.trend() == trend).collect() };
    let [mut grew, fell, mut level, new, never] =
        [Trend::Grew, Trend::Fell, Trend::Level, Trend::New, Trend::Never].map(which);
    // What came to nothing and has no contract any more did neither; then those that came to something are told of.
    let has_ended = !which(Trend::Ended).is_empty();
    if has_ended {
        level.retain(|item| item.before > 0);
    } else {
        grew.extend(which(Trend::FromNought));
    }
    let comparable = grew.len() + fell.len() + level.len();
    let everyone = new.is_empty() && never.is_empty() && !has_ended;
    let those = if has_ended {
        words!(view, "{before}成交额大于零的{one}", one = one)?
    } else {
        words!(view, "{before}有登记的{one}", one = one)?
    };
    let base = if everyone { Phrase::label(all) } else { those.clone() };
    let is_exact = |items: &[&Item]| items.iter().all(|item| item.is_exactly_level());
    let main = if comparable == 0 {
        None
    } else if let ([only], true) = (&[&grew[..], &fell[..], &level[..]].concat()[..], comparable == 1) {
        match only.trend() {
            Trend::FromNought => words!(view, "{u}{change}", u = only, change = change(view, only, 1)),
            _ => words!(view, "{u}成交额{change}", u = only, change = change(view, only, 1)),
        }
    } else if grew.len() == comparable {
        words!(view, "{base}成交额较{before}均有所增长", base = base)
    } else if fell.len() == comparable {
        words!(view, "{base}成交额较{before}均有所下降", base = base)
    } else if level.len() == comparable && is_exact(&level) {
        words!(view, "{base}成交额与{before}均持平", base = base)
    } else if level.len() == comparable {
        words!(view, "{base}成交额与{before}均基本持平", base = base)
    } else {
        let others = if everyone { Phrase::label(one) } else { those };
        mixed(view, [&grew, &fell, &level], &Phrase::label("其余").then(others), one)
    };
    let began = if new.len() == items.len() {
        words!(view, "{all}{before}均未登记技术合同", all = all)
    } else {
        let list = named(view, new.iter().copied(), one);
        words!(view, "{list}{before}未登记技术合同", list = list)
    };
    Phrase::period([main, began.filter(|_| !new.is_empty())])
}

/// Some grew and some did not: the few are named, the others are “the others”; where the few are many, all are counted.
fn mixed(view: &View<'_>, [grew, fell, level]: [&[&Item]; 3], others: &Phrase, one: &str) -> Option<Phrase> {
    let list = |items: &[&Item]| named(view, items.iter().copied(), one);
    let few = |items: &[&Item]| items.len() <= view.office.named_at_most;
    if grew.len() > fell.len() + level.len() && few(&[fell, level].concat()) {
        let except = list(&[fell, level].concat());
        return words!(
            view,
            "除{except}外，{others}成交额较{before}均有所增长",
            except = except,
            others = others
        );
    }
    if fell.len() > grew.len() + level.len() && few(&[grew, level].concat()) {
        let except = list(&[grew, level].concat());
        return words!(
            view,
            "除{except}外，{others}成交额较{before}均有所下降",
            except = except,
            others = others
        );
    }
    let some = |items: &[&Item], said: Option<Phrase>| if items.is_empty() { None } else { said };
    let stayed = if level.iter().all(|item| item.is_exactly_level()) {
        words!(view, "{list}成交额与{before}持平", list = list(level))
    } else {
        words!(view, "{list}成交额与{before}基本持平", list = list(level))
    };
    let clauses = [
        some(grew, words!(view, "{list}成交额较{before}有所增长", list = list(grew))),
        some(fell, words!(view, "{list}成交额较{before}有所下降", list = list(fell))),
        some(level, stayed),
    ];
    Some(Phrase::join(clauses.into_iter().flatten(), "，"))
}

/// Groups from the largest down, ties together; items for which `by` is 0 are left out.
pub fn ranking<K: Ord + Copy + Default>(items: &[Item], by: impl Fn(&Item) -> K) -> Vec<Vec<&Item>> {
    let mut sorted: Vec<&Item> = items.iter().filter(|item| by(item) > K::default()).collect();
    sorted.sort_by_key(|item| std::cmp::Reverse(by(item)));
    let mut groups: Vec<Vec<&Item>> = Vec::new();
    for item in sorted {
        match groups.last_mut() {
            Some(group) if group.first().is_some_and(|first| by(first) == by(item)) => group.push(item),
            _ => groups.push(vec![item]),
        }
    }
    groups
}

/// Who of the items comes first by amount, with the amount and, where `share` is wanted, its share; `one` is what one of them is (师).
pub fn leader(view: &View<'_>, items: &[Item], groups: &[Vec<&Item>], share: bool, one: &str) -> Option<Phrase> {
    // Contracts of others may come to 0 yuan.
    let is_alone = items.iter().filter(|item| item.contracts > 0).count() == 1;
    match (groups.first()?.as_slice(), share) {
        ([only], _) if is_alone => words!(view, "仅{u}有成交，成交额 {u.amount} 万元", u = only),
        ([first], false) => words!(view, "{u}成交额 {u.amount} 万元，居首位", u = first),
        ([first], true) => {
            words!(
                view,
                "{u}成交额 {u.amount} 万元，占总成交额的 {u.share}，居首位",
                u = first
            )
        }
        (tied @ [first, ..], _) => {
            let list = named(view, tied.iter().copied(), one);
            words!(
                view,
                "{list}成交额均为 {u.amount} 万元，并列首位",
                list = list,
                u = first
            )
        }
        ([], _) => None,
    }
}

/// Who comes next, in order, three names at most, ties named as such: 六师次之; 其次为一师、二师（并列）.
pub fn followers(view: &View<'_>, groups: &[Vec<&Item>], one: &str) -> Option<Phrase> {
    let room = view.office.named_at_most.saturating_sub(1);
    let mut told = 0;
    let mut parts = Vec::new();
    let mut ties = false;
    for group in groups.iter().skip(1) {
        told += group.len();
        if told > room {
            break;
        }
        let names = listed(group.iter().copied());
        ties |= group.len() > 1;
        parts.push(if group.len() > 1 {
            words!(view, "{names}（并列）", names = names)?
        } else {
            names
        });
    }
    match (parts.len(), groups.get(1)) {
        (0, Some(tied)) => {
            let some = listed(tied.iter().copied().take(room));
            let count = in_words(tied.len());
            words!(
                view,
                "其次为{some}等{count}个{one}（并列）",
                some = some,
                count = &count,
                one = one
            )
        }
        (0, None) => None,
        (1, _) if ties => words!(view, "其次为{next}", next = Phrase::join(parts, "、")),
        (1, _) => words!(view, "{next}次之", next = Phrase::join(parts, "、")),
        _ => words!(view, "其后依次为{next}", next = Phrase::join(parts, "、")),
    }
}

/// Who grew fastest: named with rate; the next one too. Only of those that grew. Where none grew, who fell most. `one` is what one of
/// them is (领域).
pub fn fastest(view: &View<'_>, items: &[Item], one: &str) -> Option<Phrase> {
    let sorted = |trend: Trend| {
        // What is not registered any more has no rate to be told.
        let told = |item: &&Item| item.trend() == trend && item.amount > 0;
        let mut some: Vec<&Item> = items.iter().filter(told).collect();
        some.sort_by(|a, b| b.by_growth(a));
        some
    };
    let compared = items.iter().filter(|item| item.before > 0).count();
    let first_of = |some: &[&Item]| {
        let tied = some.iter().take_while(|item| item.by_growth(some[0]).is_eq()).count();
        (named(view, some.iter().take(tied).copied(), one), tied)
    };
    let grew = sorted(Trend::Grew);
    if let (Some(top), true) = (grew.first(), compared > 1) {
        let (list, tied) = first_of(&grew);
        let first = if tied == 1 {
            words!(
                view,
                "{list}成交额较{before}增长 {u.growth}，增速居首位",
                list = list,
                u = top
            )
        } else {
            words!(
                view,
                "{list}成交额均较{before}增长 {u.growth}，增速并列首位",
                list = list,
                u = top
            )
        };
        let next = grew
            .get(tied)
            .filter(|_| tied == 1)
            .filter(|next| grew.get(tied + 1).is_none_or(|after| after.by_growth(next).is_ne()));
        let next = next.and_then(|next| words!(view, "{u}增长 {u.growth}次之", u = next));
        return Phrase::period([first, next]);
    }
    let mut fell = sorted(Trend::Fell);
    fell.reverse();
    let top = fell.first().filter(|_| compared > 1 && grew.is_empty())?;
    let (list, tied) = first_of(&fell);
    let name = format!("{}.growth", top.key);
    let rate = view.figure(&name, rate_form(view, &name, 1));
    if tied == 1 {
        Phrase::sentence([words!(
            view,
            "{list}成交额较{before}下降 {rate}，降幅居首位",
            list = list,
            rate = rate
        )])
    } else {
        Phrase::sentence([words!(
            view,
            "{list}成交额均较{before}下降 {rate}，降幅并列首位",
            list = list,
            rate = rate
        )])
    }
}

/// Which of the items have no contract: 未登记技术许可合同; where they are the most, which have one: 仅登记了…. `of` follows the
/// labels where all are named (合同), `of_many` their number where not (等四个类型的合同). None where all or none of them have, or one
/// alone, which [`leader`] tells.
pub fn missing(view: &View<'_>, items: &[Item], of: &str, of_many: &str) -> Option<Phrase> {
    let (none, some): (Vec<&Item>, Vec<&Item>) = items.iter().partition(|item| item.contracts == 0);
    if none.is_empty() || some.len() < 2 {
        return None;
    }
    let told = |items: Vec<&Item>| {
        let all = items.len() <= view.office.named_at_most;
        named(view, items, of_many).then(if all { of } else { "" })
    };
    Phrase::sentence([if none.len() > some.len() {
        words!(view, "{span}仅登记了{some}", some = told(some))
    } else {
        words!(view, "{span}未登记{none}", none = told(none))
    }])
}

/// Whether an item is the bulk of the whole by amount.
pub fn is_bulk(view: &View<'_>, item: &Item) -> bool {
    is_bulk_of(item.amount, view.total().amount, view.office.bulk_percent)
}
