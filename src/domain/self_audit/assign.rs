//! Handing out: every contract to an auditor who may look at it, each auditor as many as the others as far as that goes.

use std::collections::{BTreeMap, VecDeque};

/// For each item the auditor who gets it (an index below `auditors`), given who may have it (`eligible`, one list of auditors an
/// item, sorted); none where nobody may. As many items as possible are handed out, and no auditor could give items on, directly
/// or round the others, to one who has at least two fewer. The same for the same input.
pub fn assign(eligible: &[Vec<usize>], auditors: usize) -> Vec<Option<usize>> {
    // Items for the same people are alike: one group, however many.
    let mut groups: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
    for (item, who) in eligible.iter().enumerate().filter(|(_, who)| !who.is_empty()) {
        groups.entry(who).or_default().push(item);
    }
    let mut groups: Vec<Group<'_>> = groups
        .into_iter()
        .map(|(who, items)| Group {
            who,
            items,
            held: vec![0; auditors],
        })
        .collect();
    groups.sort_by_key(|g| g.who.len());
    let mut load = vec![0_usize; auditors];
    for group in &mut groups {
        for _ in 0..group.items.len() {
            if let Some(least) = group.who.iter().copied().min_by_key(|a| (load[*a], *a)) {
                group.held[least] += 1;
                load[least] += 1;
            }
        }
    }
    while let Some(path) = relief(&groups, &load) {
        for (from, to, group) in path {
            groups[group].held[from] -= 1;
            groups[group].held[to] += 1;
            load[from] -= 1;
            load[to] += 1;
        }
    }
    let mut assigned = vec![None; eligible.len()];
    for group in &groups {
        // Dealt round, so that the order of drawing does not give one auditor the first and another the last.
        let mut held = group.held.clone();
        let mut turn = group.who.iter().copied().cycle();
        for item in &group.items {
            let next = turn.by_ref().take(group.who.len()).find(|a| held[*a] > 0);
            if let Some(auditor) = next {
                held[auditor] -= 1;
                assigned[*item] = Some(auditor);
            }
        }
    }
    assigned
}

/// Items that the same auditors may have.
struct Group<'a> {
    who: &'a [usize],
    items: Vec<usize>,
    /// How many each auditor holds.
    held: Vec<usize>,
}

/// Steps (from, to, group) by which an auditor passes one item on to someone who has at least two fewer.
fn relief(groups: &[Group<'_>], load: &[usize]) -> Option<Vec<(usize, usize, usize)>> {
    let mut order: Vec<usize> = (0..load.len()).collect();
    order.sort_by_key(|a| (std::cmp::Reverse(load[*a]), *a));
    for source in order {
        let mut came: Vec<Option<(usize, usize)>> = vec![None; load.len()];
        let mut queue = VecDeque::from([source]);
        while let Some(at) = queue.pop_front() {
            if load[at] + 2 <= load[source] {
                let mut path = Vec::new();
                let mut here = at;
                while let Some((from, group)) = came[here].filter(|_| here != source) {
                    path.push((from, here, group));
                    here = from;
                }
                path.reverse();
                return Some(path);
            }
            for (index, group) in groups.iter().enumerate().filter(|(_, g)| g.held[at] > 0) {
                for next in group.who.iter().copied() {
                    if next != source && came[next].is_none() {
                        came[next] = Some((at, index));
                        queue.push_back(next);
                    }
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn loads(assigned: &[Option<usize>], auditors: usize) -> Vec<usize> {
        (0..auditors)
            .map(|a| assigned.iter().filter(|x| **x == Some(a)).count())
            .collect()
    }

    #[test]
    fn work_is_shared_evenly_where_everyone_may() {
        let assigned = assign(&vec![vec![0, 1, 2]; 10], 3);
        assert_eq!(loads(&assigned, 3), [4, 3, 3]);
        assert_eq!(&assigned[..4], [Some(0), Some(1), Some(2), Some(0)]);
    }

    #[test]
    fn those_with_less_choice_come_first_and_nobody_gets_what_they_may_not() {
        // Six that only 0 may have, six that both may: the latter all go to 1.
        let mut eligible = vec![vec![0]; 6];
        eligible.extend(vec![vec![0, 1]; 6]);
        eligible.push(Vec::new());
        let assigned = assign(&eligible, 2);
        assert_eq!(loads(&assigned, 2), [6, 6]);
        assert_eq!(assigned[12], None, "nobody may");
        assert_eq!(assign(&[], 0), []);
    }

    #[test]
    fn a_chain_of_hand_overs_is_found() {
        // 0 may pass to 1 alone, 1 to 2: evenness needs both.
        let mut eligible = vec![vec![0, 1]; 6];
        eligible.extend(vec![vec![1, 2]; 3]);
        assert_eq!(loads(&assign(&eligible, 3), 3), [3, 3, 3]);
    }

    proptest! {
        #[test]
        fn nothing_that_could_go_to_someone_lies_and_no_single_move_would_help(
            eligible in proptest::collection::vec(proptest::collection::btree_set(0..5_usize, 0..=5), 0..60)
        ) {
            let eligible: Vec<Vec<usize>> = eligible.into_iter().map(|s| s.into_iter().collect()).collect();
            let assigned = assign(&eligible, 5);
            let load = loads(&assigned, 5);
            for (who, got) in eligible.iter().zip(&assigned) {
                prop_assert_eq!(got.is_none(), who.is_empty());
                if let Some(a) = got {
                    prop_assert!(who.contains(a));
                    for b in who {
                        prop_assert!(load[*a] <= load[*b] + 1, "{:?}", load);
                    }
                }
            }
        }
    }
}
